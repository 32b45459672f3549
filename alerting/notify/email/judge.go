package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"

	"github.com/ouidire/ouidire/alerting"
)

// judge reads what went wrong: a 4xx is tried again, a 5xx is final. Of what the
// server said only its codes are kept, as it may have said anything.
func judge(err error) error {
	if t := (*alerting.Trouble)(nil); err == nil || errors.As(err, &t) {
		return err
	}
	answer := (*textproto.Error)(nil)
	if !errors.As(err, &answer) {
		return &alerting.Trouble{Reason: alerting.Unmet(err), Err: unquoted(err)}
	}
	said := fmt.Errorf("the server answered %d%s", answer.Code, enhanced(answer.Msg))
	switch {
	case answer.Code >= 500 && answer.Code < 600:
		return alerting.Permanent(&alerting.Trouble{Reason: final(answer), Err: said})
	case answer.Code == 421:
		return &alerting.Trouble{Reason: alerting.Overloaded, Err: said}
	}
	return &alerting.Trouble{Reason: alerting.Broken, Err: said}
}

// status finds an enhanced status code (RFC 3463).
var status = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

func enhanced(msg string) string {
	if code := status.FindString(msg); code != "" {
		return " " + code
	}
	return ""
}

// final is what a 5xx means for a person.
func final(answer *textproto.Error) alerting.Reason {
	switch enhanced(answer.Msg) {
	case " 5.7.30", " 5.7.139": // Microsoft 365 once basic sign-in has ended, or is switched off
		return alerting.PasswordEnded
	case " 5.1.1", " 5.1.2", " 5.1.10":
		return alerting.NoSuchPerson
	case " 5.3.4", " 5.2.3":
		return alerting.TooLong
	}
	switch answer.Code {
	case 530, 534, 535, 538:
		return alerting.Unauthorised
	case 552:
		return alerting.TooLong
	}
	return alerting.Refused
}

// unquoted is an error of the connection, in words that no server chose: what does
// not speak SMTP is quoted by the packages that read it.
func unquoted(err error) error {
	var network net.Error
	certificate, record := (*tls.CertificateVerificationError)(nil), tls.RecordHeaderError{}
	switch {
	case errors.As(err, &certificate), errors.As(err, &network), errors.Is(err, context.Canceled), errors.Is(err, errNoStartTLS):
		return err
	case errors.As(err, &record):
		return errors.New("the server does not speak TLS on this port")
	}
	return errors.New("the server does not speak SMTP as it should")
}
