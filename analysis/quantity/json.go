package quantity

import (
	"strconv"

	"skyarchive/analysis/jsonout"
)

// MarshalJSON writes what [Quantity.AppendJSON] appends.
func (q Quantity) MarshalJSON() ([]byte, error) { return q.AppendJSON(nil), nil }

// AppendJSON appends a quantity as JSON. An absent Per or Bound is null.
func (q *Quantity) AppendJSON(b []byte) []byte {
	b = jsonout.Range(append(b, '{'), q.Start, q.End)
	b = jsonout.String(append(b, `,"raw":`...), q.Raw)
	b = jsonout.Float(append(b, `,"value":`...), q.Value)
	b = jsonout.FloatOrNull(append(b, `,"value_hi":`...), q.ValueHi)
	b = jsonout.String(append(b, `,"unit":`...), q.Unit)
	b = jsonout.FloatOrNull(append(b, `,"base_value":`...), q.BaseValue)
	b = jsonout.String(append(b, `,"base_unit":`...), q.BaseUnit)
	b = strconv.AppendBool(append(b, `,"approx":`...), q.Approx)
	b = append(b, `,"of":`...)
	if q.Of == nil {
		b = append(b, "null"...)
	} else {
		b = jsonout.Range(append(b, '{'), q.Of.Start, q.Of.End)
		b = append(jsonout.String(append(b, `,"text":`...), q.Of.Text), '}')
	}
	b = jsonout.StringOrNull(append(b, `,"per":`...), q.Per)
	return append(jsonout.StringOrNull(append(b, `,"bound":`...), string(q.Bound)), '}')
}
