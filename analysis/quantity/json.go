package quantity

import "encoding/json"

// MarshalJSON writes an absent Per as null.
func (q Quantity) MarshalJSON() ([]byte, error) {
	type plain Quantity
	out := struct {
		plain
		Per *string `json:"per"`
	}{plain: plain(q)}
	if q.Per != "" {
		out.Per = &q.Per
	}
	return json.Marshal(out)
}
