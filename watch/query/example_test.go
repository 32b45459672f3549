package query_test

import (
	"fmt"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

func ExampleParse() {
	n, err := query.Parse(`frais PROCHE/5 (caisse OU banque) SAUF hockey`)
	if err != nil {
		fmt.Println(say.Explain(err, say.FrenchCanada))
		return
	}
	fmt.Println(n)
	fmt.Println(query.Format(n, say.FrenchCanada))
	// Output:
	// (frais NEAR/5 caisse OR frais NEAR/5 banque) NOT hockey
	// (frais PROCHE/5 caisse OU frais PROCHE/5 banque) SAUF hockey
}

func ExampleParse_mistake() {
	_, err := query.Parse(`caisse titel:hausse`)
	fmt.Println(say.Explain(err, say.English))
	fmt.Println(say.Explain(err, say.FrenchCanada))
	// Output:
	// column 8: there is no field titel:; did you mean title:? To look for the words themselves, put them in quotation marks
	// colonne 8 : le champ titel: n’existe pas, c’est peut-être title: que vous vouliez. Pour chercher les mots eux-mêmes, mettez-les entre guillemets
}

func ExampleMatch() {
	n, err := query.Parse("l'épargne OU caisse*")
	if err != nil {
		fmt.Println(err)
		return
	}
	d := query.NewDocument(query.Fields{Title: "ÉPARGNES en baisse", Text: "Les caissières s’inquiètent."})
	spans, ok := query.Match(d, n)
	fmt.Printf("%v %q\n", ok, d.Words(spans))
	// Output:
	// true ["ÉPARGNES"]
}
