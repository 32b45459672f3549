package email

import (
	"net"
	"net/textproto"
	"regexp"
	"testing"

	"github.com/ouidire/ouidire/alerting/notifytest"
)

// byTheBook is a server that understands no command but those of RFC 5321 as it spells them.
func byTheBook(t *testing.T) Config {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`^(EHLO [^ ]+|MAIL FROM:<[^<> ]+@[^<> ]+>|RCPT TO:<[^<> ]+@[^<> ]+>|DATA|QUIT)$`)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			answer(conn, commands)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: None, From: "Veille <veille@caisse.example>",
		To: []string{"équipe de l'épargne <equipe@caisse.example>", "odette@caisse.example"}}
}

func answer(conn net.Conn, commands *regexp.Regexp) {
	defer conn.Close()
	talk := textproto.NewConn(conn)
	_ = talk.PrintfLine("220 moyac.example")
	for {
		line, err := talk.ReadLine()
		if err != nil {
			return
		}
		switch {
		case !commands.MatchString(line):
			_ = talk.PrintfLine("501 5.5.2 Syntax error: %s", line)
		case line == "DATA":
			_ = talk.PrintfLine("354 go on")
			_, _ = talk.ReadDotBytes()
			_ = talk.PrintfLine("250 2.0.0 taken")
		default:
			_ = talk.PrintfLine("250 2.0.0 yes")
		}
	}
}

func TestAServerThatTakesNothingButTheCommandsAsTheyArePublishedTakesTheLetter(t *testing.T) {
	if err := channel(t, byTheBook(t)).Notify(t.Context(), notifytest.Message()); err != nil {
		t.Error(err)
	}
}
