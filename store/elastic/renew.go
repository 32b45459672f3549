package elastic

import "fmt"

// Renew takes another key, another name or another authority, given as a *Config,
// while the store runs: what is on its way ends as it began. What differs beyond that
// holds from the next start.
func (s *Store) Renew(settings any) error {
	next, ok := settings.(*Config)
	if !ok || !s.config.Takes(next) {
		return nil
	}
	c, err := newClient(*next)
	if err != nil {
		return fmt.Errorf("take the new key: %w", err)
	}
	s.client.renew(c)
	s.compactor.mu.Lock()
	defer s.compactor.mu.Unlock()
	s.compactor.denied = false // another may
	return nil
}
