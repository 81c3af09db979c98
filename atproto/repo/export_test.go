package repo

// WalkAgain makes a snapshot read its tree each time, as it does for a large repository.
func (s *Snapshot) WalkAgain() { s.manifest = nil }
