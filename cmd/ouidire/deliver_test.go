package main

import (
	"reflect"
	"testing"

	"github.com/ouidire/ouidire/app"
)

func TestTheCommandThatAChannelCallsIsThere(t *testing.T) {
	field, ok := reflect.TypeFor[cli]().FieldByName("Deliver")
	if got := field.Tag.Get("name"); !ok || got != app.DeliverCommand {
		t.Errorf("the command is called %q, and a channel calls %q", got, app.DeliverCommand)
	}
}
