package analysis

// kindOf says what sort of assertion a set of features makes.
func kindOf(f features) Kind {
	switch {
	case f.has(forecast):
		return Forecast
	case f.has(comparison) && f.has(hasQuantity), f.has(comparison) && !f.hasAny(cause, trend):
		return Comparison
	case f.has(hasQuantity):
		return Statistic
	case f.has(cause):
		return Causal
	case f.has(legal):
		return Legal
	case f.has(generality):
		return Generalisation
	case f.hasAny(event, trend):
		return Event
	}
	return OtherKind
}
