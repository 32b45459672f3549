package web

import (
	"errors"
	"net/http"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// receiptPage is an advisory to whoever got it in a message. As with other links of
// messages the address holds the right itself, to say that it was read and nothing else.
type receiptPage struct {
	advice
	Gone  bool // the link is of no use
	Done  bool
	Wrong error
}

// byLink is the advisory that the link of a request is for, and the channel whose message
// it came with; where there is none, it has answered.
func (s *Server) byLink(w http.ResponseWriter, r *http.Request) (i alerting.Incident, channel string, ok bool) {
	id, channel, given := s.Passes.ReceiptOf(r.PathValue("pass"), s.Now())
	i, ok = s.linked(w, r, link{id, given, alerting.Incident.IsAdvisory, "receipt", receiptPage{Gone: true}})
	return i, channel, ok
}

// receiptForm asks whether they have read it. It changes nothing: mail scanners open links.
func (s *Server) receiptForm(w http.ResponseWriter, r *http.Request) {
	if i, _, ok := s.byLink(w, r); ok {
		s.render(w, r, http.StatusOK, "receipt", receiptPage{advice: s.advised(r, i)})
	}
}

// giveReceipt notes that whoever got the message has read it.
func (s *Server) giveReceipt(w http.ResponseWriter, r *http.Request) {
	i, channel, ok := s.byLink(w, r)
	if !ok || !s.parsed(w, r) {
		return
	}
	after, err := s.Advisories.Receive(r.Context(), i.ID, s.receipt(w, r, channel))
	spoken := (*say.Error)(nil)
	switch {
	case alerting.IsNoAdvisory(err):
		s.render(w, r, http.StatusNotFound, "receipt", receiptPage{Gone: true})
	case errors.As(err, &spoken):
		s.render(w, r, http.StatusConflict, "receipt", receiptPage{advice: s.advised(r, after), Wrong: err})
	case err != nil:
		s.broken(w, r, err)
	default:
		s.render(w, r, http.StatusOK, "receipt", receiptPage{advice: s.advised(r, after), Done: true})
	}
}
