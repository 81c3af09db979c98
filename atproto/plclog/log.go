package plclog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/bluesky-social/indigo/atproto/syntax"

	"skyarchive/atproto"
)

// maxOperations is far more than any account has; each one costs some signature checks.
const maxOperations = 10_000

var (
	// ErrNotLog says that something is no log of operations.
	ErrNotLog = errors.New("this is not a log of the PLC directory")

	// ErrNotThisDID says that a log does not begin the account it is said to be of.
	ErrNotThisDID = errors.New("the log of the PLC directory does not belong to this account")
)

// A Log is what the directory sent, oldest operation first. Nothing in it is verified.
type Log struct {
	lines []line
}

// line is an operation in the envelope in which an audit log has it.
type line struct {
	op        json.RawMessage
	cid       string
	nullified bool
	createdAt time.Time
}

// Parse reads a log: the array of /log/audit, with an envelope around each operation, the
// array of /log, without, or either one after another without an array.
func Parse(raw []byte) (Log, error) {
	var log Log
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		var value json.RawMessage
		err := d.Decode(&value)
		if err == io.EOF {
			break
		}
		if err != nil {
			return Log{}, fmt.Errorf("%w: %w", ErrNotLog, err)
		}
		list := []json.RawMessage{value}
		if value[0] == '[' {
			if err := json.Unmarshal(value, &list); err != nil {
				return Log{}, fmt.Errorf("%w: %w", ErrNotLog, err)
			}
		}
		for _, value := range list {
			if err := log.add(value); err != nil {
				return Log{}, err
			}
		}
	}
	if len(log.lines) == 0 {
		return Log{}, fmt.Errorf("%w: it is empty", ErrNotLog)
	}
	if !slices.ContainsFunc(log.lines, func(l line) bool { return l.createdAt.IsZero() }) {
		slices.SortStableFunc(log.lines, func(a, b line) int { return a.createdAt.Compare(b.createdAt) })
	}
	return log, nil
}

func (l *Log) add(value json.RawMessage) error {
	var in struct {
		Operation json.RawMessage
		CID       string
		Nullified bool
		CreatedAt string
		Type      string
	}
	if err := json.Unmarshal(value, &in); err != nil {
		return fmt.Errorf("%w: %w", ErrNotLog, err)
	}
	if len(l.lines) == maxOperations {
		return fmt.Errorf("%w: more than %d operations", ErrNotLog, maxOperations)
	}
	switch {
	case in.Operation != nil:
		created, _ := atproto.ParseTime(in.CreatedAt)
		l.lines = append(l.lines, line{in.Operation, in.CID, in.Nullified, created})
	case in.Type != "":
		l.lines = append(l.lines, line{op: value})
	default:
		return fmt.Errorf("%w: an element is no operation", ErrNotLog)
	}
	return nil
}

// Len is the number of operations.
func (l Log) Len() int { return len(l.lines) }

// State says what an operation is worth.
type State string

// The states of an operation. Valid and irregular ones were in force.
const (
	Valid     State = "valid"
	Irregular State = "irregular" // signed with a right key, but against a rule of form
	Nullified State = "nullified" // undone by a key of higher rank
	Invalid   State = "invalid"
)

// An Entry is an operation of a log with what the check found.
type Entry struct {
	Operation
	CreatedAt time.Time // as the directory says; zero if it does not
	State     State
	Reason    string // why it is not simply valid
	Signer    string // the rotation key that signed it, did:key

	rank int // of the signer among the rotation keys in force
}

// InForce says whether the operation counted, from its time until the next one.
func (e *Entry) InForce() bool { return e.State == Valid || e.State == Irregular }

func (e *Entry) refuse(format string, args ...any) {
	e.State, e.Reason = Invalid, fmt.Sprintf(format, args...)
}

// Verify checks every operation of an account's log. It fails with [ErrNotThisDID] if the
// log does not begin with the operation that gives the DID; all else is told entry by
// entry.
func (l Log) Verify(did syntax.DID) (History, error) {
	h := History{DID: did, Entries: make([]Entry, len(l.lines))}
	var chain []int // the operations in force so far
	for i, line := range l.lines {
		e := &h.Entries[i]
		e.CreatedAt = line.createdAt
		op, err := ParseOperation(line.op)
		if err != nil {
			e.JSON = line.op
			e.refuse("%v", err)
			continue
		}
		e.Operation = op
		if len(chain) == 0 {
			if !h.begin(e) {
				continue
			}
		} else if chain = h.follow(chain, e); e.State == Invalid {
			continue
		}
		chain = append(chain, i)
		if line.cid != "" && line.cid != e.CID.String() && e.State == Valid {
			e.State, e.Reason = Irregular, "the directory names it "+line.cid
		}
	}
	if len(chain) == 0 {
		return h, fmt.Errorf("%s: %w: %s", did, ErrNotThisDID, h.Entries[0].Reason)
	}
	for i, line := range l.lines {
		if e := &h.Entries[i]; line.nullified && e.InForce() {
			e.State, e.Reason = Nullified, "the directory says so, and the log does not show by what"
		}
	}
	return h, nil
}

// begin checks the first operation, which its own rotation keys sign.
func (h *History) begin(e *Entry) bool {
	if e.Type == TypeTombstone || e.Prev != "" {
		e.refuse("it is not the first operation of an account")
		return false
	}
	if own := e.DID(); own != h.DID {
		e.refuse("it begins the account %s", own)
		return false
	}
	return e.sign(e.RotationKeys)
}

// sign finds who signed, and is false if it was none of the keys.
func (e *Entry) sign(keys []string) bool {
	rank, how := e.signer(keys)
	switch how {
	case signed:
		e.State = Valid
	case laxSigned:
		e.State, e.Reason = Irregular, "the signature holds, but is not written as the rules require"
	default:
		e.refuse("no rotation key in force signed it")
		return false
	}
	e.rank, e.Signer = rank, keys[rank]
	return true
}

// recovery is how long an operation can be undone.
const recovery = 72 * time.Hour

// follow checks an operation against those in force, and returns how much of the chain
// stays before it.
func (h *History) follow(chain []int, e *Entry) []int {
	if e.Prev == "" || e.Type == TypeCreate {
		e.refuse("the account has begun already")
		return chain
	}
	at := slices.IndexFunc(chain, func(i int) bool { return h.Entries[i].CID.String() == e.Prev })
	if at < 0 {
		e.refuse("it follows an operation that is not in force")
		return chain
	}
	before := &h.Entries[chain[at]]
	if before.Type == TypeTombstone {
		e.refuse("the account had ended")
		return chain
	}
	if !e.sign(before.RotationKeys) {
		return chain
	}
	if at == len(chain)-1 {
		return chain
	}
	first := &h.Entries[chain[at+1]] // the first one that would be undone
	if e.rank >= first.rank {
		e.refuse("its key has no higher rank than the one whose operation it would undo")
		return chain
	}
	if late := e.CreatedAt.Sub(first.CreatedAt); !e.CreatedAt.IsZero() && !first.CreatedAt.IsZero() && late > recovery {
		e.refuse("it would undo an operation that was %.0f hours old; %.0f are allowed", late.Hours(), recovery.Hours())
		return chain
	}
	for _, i := range chain[at+1:] {
		h.Entries[i].State, h.Entries[i].Reason = Nullified, "undone by "+e.CID.String()
	}
	return chain[:at+1]
}
