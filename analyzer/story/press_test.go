package story

import (
	"slices"
	"testing"

	"github.com/ouidire/ouidire/mention"
)

// One announcement as the press of a region tells it, in order of sight. A copy is
// in the story of the wire; another newsroom's own text is a story of its own,
// related when it names enough of the same; what has nothing to do with it is neither.
var press = []struct {
	piece
	story   string
	related []string // any of these, "" for none
}{
	{piece{id: "release", outlet: "mouvement-valtisse", title: "Le Mouvement Valtisse revoit son réseau de comptoirs",
		body: "Communiqué. Le Mouvement Valtisse annonce le regroupement de quatorze comptoirs d'ici deux ans. « Nos membres changent, et nous changeons avec eux », déclare Odile Hautcœur, présidente. Aucun des 42 employés ne sera mis à pied. Les comptoirs de Courtemanche, de Saint-Brumel et du Brûlis-d'en-Haut sont parmi ceux qui seront regroupés. Renseignements : Mathurin Colvert, relations avec les médias."}, "release", []string{""}},
	{piece{id: "wire", outlet: "brumelin", title: "Quatorze comptoirs fermeront d'ici deux ans", hours: 1,
		body: "ANSE-AUX-MOYACS (Agence Brumelin) — Le Mouvement Valtisse fermera quatorze comptoirs d'ici deux ans, surtout dans des villages de moins de 1 200 habitants. La présidente Odile Hautcœur l'a confirmé mercredi aux 42 employés touchés, qui recevront une offre ailleurs, selon Mathurin Colvert. Les comptoirs de Courtemanche et de Saint-Brumel fermeront les premiers, dès le mois de mars. Les maires de la côte se réuniront vendredi pour préparer une réponse commune."}, "wire", []string{"release", ""}},
	{piece{id: "copy", outlet: "echo", title: "Quatorze comptoirs de Valtisse fermeront", hours: 2,
		body: "Le Mouvement Valtisse fermera quatorze comptoirs d’ici deux ans, surtout dans des villages de moins de 1 200 habitants. La présidente Odile Hautcœur l’a confirmé mercredi aux 42 employés touchés, qui recevront une offre ailleurs, selon Mathurin Colvert. Les comptoirs de Courtemanche et de Saint-Brumel fermeront les premiers, dès le mois de mars. Les maires de la côte se réuniront vendredi pour préparer une réponse commune. (Agence Brumelin)"}, "wire", []string{"release", ""}},
	{piece{id: "cut", outlet: "agrege", title: "Valtisse ferme", hours: 3,
		body: "Le Mouvement Valtisse fermera quatorze comptoirs d'ici deux ans, surtout dans des villages de moins de 1 200 habitants. La présidente Odile Hautcœur l'a confirmé mercredi […]"}, "wire", []string{"release", ""}},
	{piece{id: "english", outlet: "harbour", title: "Co-op to shut fourteen counters", hours: 4,
		body: "Members in Courtemanche and Saint-Brumel were told on Wednesday that the Mouvement Valtisse counter in their village would be gone by spring. President Odile Hautcœur met the 42 workers herself. All are offered posts elsewhere, said spokesman Mathurin Colvert, and 14 places of fewer than 1,200 people are on the list."}, "english", []string{"wire", "release"}},
	{piece{id: "local", outlet: "courtemanche", title: "Notre comptoir parmi les premiers", hours: 5,
		body: "À Courtemanche, on l'a appris à l'épicerie : le comptoir Valtisse fermera en mars, comme celui de Saint-Brumel. « Ma mère a 88 ans et ne conduit plus », dit Odette Malenfroy. La présidente Odile Hautcœur promet un service par téléphone. Le village compte 1 200 habitants et sa seule autre banque est partie en 2009. Selon Mathurin Colvert, 14 comptoirs sont visés et les 42 employés seront replacés."}, "local", []string{"wire", "release", "english"}},
	{piece{id: "radio", outlet: "radio-moyac", title: "Valtisse : des comptoirs ferment", hours: 5,
		body: "Valtisse ferme des comptoirs. On en parle à midi avec la mairesse, et on prend vos appels. Il fait moins douze à Moyac, le pont est ouvert et le traversier est à l'heure."}, "radio", []string{""}},
	{piece{id: "column", outlet: "echo", title: "La chronique du jeudi : adieu, petit guichet", hours: 20,
		body: "Je me souviens du livret vert que ma grand-mère rangeait dans le tiroir aux nappes. Elle y mettait deux dollars par semaine, et la dame du guichet connaissait le nom de nos chats. On nous dit que tout se fait au téléphone. On ne nous dit pas qui répondra quand la ligne sera coupée par le verglas, ni à qui nous dirons bonjour le vendredi."}, "column", []string{""}},
	{piece{id: "corrected", outlet: "echo", title: "Rectificatif : onze comptoirs de Valtisse fermeront", hours: 24,
		body: "Le Mouvement Valtisse fermera onze comptoirs d’ici deux ans, et non quatorze, surtout dans des villages de moins de 1 200 habitants. La présidente Odile Hautcœur l’a confirmé mercredi aux 42 employés touchés, qui recevront une offre ailleurs, selon Mathurin Colvert. Les comptoirs de Courtemanche et de Saint-Brumel fermeront les premiers, dès le mois de mars. Les maires de la côte se réuniront vendredi pour préparer une réponse commune."}, "wire", []string{"release", "english", "local", ""}},
	{piece{id: "comment", outlet: "echo", kind: mention.Comment, hours: 25,
		body: "Le Mouvement Valtisse fermera quatorze comptoirs d'ici deux ans, surtout dans des villages de moins de 1 200 habitants. La présidente Odile Hautcœur l'a confirmé mercredi."}, "comment", []string{""}},
	{piece{id: "hockey", outlet: "echo", title: "Valtisse marque deux fois", hours: 26,
		body: "Le joueur de centre Léo Valtisse a marqué deux fois samedi soir à l'aréna de Saint-Brumel, où les Harfangs l'ont emporté 4 à 3 devant 1 200 partisans. L'entraîneur Basile Courtemanche a salué le travail du gardien, qui a repoussé 42 rondelles malgré une blessure à la main gauche."}, "hockey", []string{""}},
	{piece{id: "bank", outlet: "echo", title: "Banque Nordelune en panne", hours: 27,
		body: "Les clients de Banque Nordelune n'ont pu ni payer ni retirer d'argent pendant six heures jeudi, jour de paye. L'institution s'excuse et remboursera les frais. Une mise à jour de nuit serait en cause, selon sa porte-parole Iris Beaudelaine, qui exclut une attaque."}, "bank", []string{""}},
}

func TestThePressOfAnAnnouncement(t *testing.T) {
	var pieces []piece
	for _, p := range press {
		pieces = append(pieces, p.piece)
	}
	all := tellAll(pieces...)
	for _, p := range press {
		told := all[p.id]
		if told.Story != p.story {
			t.Errorf("%s is in the story of %s, want %s", p.id, told.Story, p.story)
		}
		if !slices.Contains(p.related, told.Related) {
			t.Errorf("%s is related to %q, want one of %q", p.id, told.Related, p.related)
		}
	}
}
