package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"skyarchive/atproto/atprototest"
	"skyarchive/store/sqlite"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"skyarchive": func() {
			code := program()
			// The command status reads it.
			if err := os.WriteFile(filepath.Join(os.Getenv("WORK"), ".status"), []byte(strconv.Itoa(code)), 0o600); err != nil {
				fmt.Fprintln(os.Stderr, err)
				code = 125
			}
			os.Exit(code)
		},
	})
}

// networkKey is where a script's network is kept.
type networkKey struct{}

// running is the network of a script, nil until it is started.
type running struct{ net *atprototest.Network }

// TestScripts runs the program as its user does, against a network on loopback. A script
// starts one with
//
//	network file      the commands in a file of the script, see atprototest
//	net command...    a command to the running network
//	carof HANDLE FILE the repository of an account as its server gives it
//	requests N word   the network was sent N requests with this word since the last call
//	awaited word      waits until the network is sent a request with this word
//	sqlite file SQL   runs SQL on an archive, as other programs do, and prints the rows
//	status N          the exit status of the last skyarchive
//	claimid NAME words  sets an environment variable to the id of the claim with these words
//	firstid NAME      sets an environment variable to the id in the JSON just printed
//	samelines A B     two NDJSON exports say the same, see sameLinesCommand
//	setlines OLD NEW KIND FIELD=JSON…   other fields in an NDJSON export, see setLinesCommand
//	tamper OLD NEW kind field  changes a field of a line, see tamperCommand
//	annotate OLD NEW WHO TIME operation...  marks claims in tasks, see annotateCommand
//	fill OLD NEW FORM ID name=value...  fills in the row of a claim in a table, see fillCommand
//	grepraw word      looks for a word in the raw bytes of every file of the script's folder that
//	                  the program made, see grepRawCommand
//	files FOLDER N    a folder holds N files
//	names             sets an environment variable for each alias and handle
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("SKYARCHIVE_DB", filepath.Join(env.WorkDir, "archive.db"))
			env.Setenv("SKYARCHIVE_TZ", "Europe/Paris")
			env.Setenv("SKYARCHIVE_REVIEWER", "ana")
			data, err := filepath.Abs("testdata")
			if err != nil {
				return err
			}
			env.Setenv("TESTDATA", data)
			env.Setenv("TMPDIR", env.WorkDir)
			env.Values[networkKey{}] = new(running)
			env.Defer(func() { checkIndex(env) })
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"network": networkCommand, "net": netCommand, "requests": requestsCommand,
			"status": statusCommand, "names": namesCommand, "claimid": claimCommand, "awaited": awaitedCommand, "sqlite": sqliteCommand, "fill": fillCommand,
			"firstid": firstCommand, "annotate": annotateCommand, "samelines": sameLinesCommand, "tamper": tamperCommand, "setlines": setLinesCommand,
			"grepraw": grepRawCommand, "files": filesCommand, "carof": carCommand,
		},
		RequireExplicitExec: false,
		RequireUniqueNames:  true,
	})
}

// checkIndex looks, when a script is over, whether the index of words of its archive agrees
// with the posts. An archive that cannot be opened is what its script was about.
func checkIndex(env *testscript.Env) {
	path := filepath.Join(env.WorkDir, "archive.db")
	if _, err := os.Stat(path); err != nil {
		return
	}
	db, err := sqlite.Open(context.Background(), path)
	if err != nil {
		return
	}
	checks, err := db.Check(context.Background())
	if err := errors.Join(err, db.Close()); err != nil {
		env.T().Fatal(err)
	}
	for _, c := range checks {
		if c.Name == "index" && c.Count > 0 {
			env.T().Fatal("the index does not agree with the posts: ", strings.Join(c.Wrong, "; "))
		}
	}
}

func networkCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: network file")
	}
	n, err := atprototest.Start(atprototest.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(n.Close()) })
	ts.Check(n.Load(strings.NewReader(ts.ReadFile(args[0]))))
	ts.Value(networkKey{}).(*running).net = n
	ts.Setenv("SKYARCHIVE_PLC", n.URL)
	ts.Setenv("SKYARCHIVE_RESOLVER", n.URL)
	ts.Setenv("SKYARCHIVE_APPVIEW", n.URL)
	ts.Setenv("SKYARCHIVE_ALLOW_PRIVATE", "1")
	setNames(ts, n)
}

func network(ts *testscript.TestScript) *atprototest.Network {
	n := ts.Value(networkKey{}).(*running).net
	if n == nil {
		ts.Fatalf("no network runs")
	}
	return n
}

func netCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: net command...")
	}
	n := network(ts)
	ts.Check(n.Exec(args...))
	setNames(ts, n)
}

// carCommand writes the repository of an account to a file.
func carCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: carof handle file")
	}
	n := network(ts)
	resp, err := http.Get(n.URL + "/xrpc/com.atproto.sync.getRepo?did=" + url.QueryEscape(string(n.Find(args[0]).DID())))
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", resp.Status, body)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), body, 0o600))
}

func namesCommand(ts *testscript.TestScript, neg bool, args []string) { setNames(ts, network(ts)) }

// setNames makes $alias and $handle (dots as _) stand for URIs and DIDs, and $key_alias for
// record keys.
func setNames(ts *testscript.TestScript, n *atprototest.Network) {
	for name, value := range n.Names() {
		name = strings.NewReplacer(".", "_", "-", "_").Replace(name)
		ts.Setenv(name, value)
		if i := strings.LastIndexByte(value, '/'); i >= 0 {
			ts.Setenv("key_"+name, value[i+1:])
		}
	}
}

func requestsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: requests N word")
	}
	n := network(ts)
	var found []string
	for _, r := range n.Requests() {
		if line := fmt.Sprint(r); strings.Contains(line, args[1]) {
			found = append(found, line)
		}
	}
	n.Forget()
	if strconv.Itoa(len(found)) != args[0] {
		ts.Fatalf("%d requests with %q, want %s:\n%s", len(found), args[1], args[0], strings.Join(found, "\n"))
	}
}

func statusCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: status N")
	}
	if got := ts.ReadFile(".status"); got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// claimCommand asks the program for the id of a claim.
func claimCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: claimid name words")
	}
	ts.Check(ts.Exec("skyarchive", append([]string{"claims", "--all", "--limit", "0", "--json"}, args[1:]...)...))
	var claim struct{ ID string }
	ts.Check(json.NewDecoder(strings.NewReader(ts.ReadFile("stdout"))).Decode(&claim))
	ts.Setenv(args[0], claim.ID)
}

// awaitedCommand waits for a request, for ten seconds at most.
func awaitedCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: awaited word")
	}
	n := network(ts)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, r := range n.Requests() {
			if strings.Contains(fmt.Sprint(r), args[0]) {
				return
			}
		}
	}
	ts.Fatalf("no request with %q came", args[0])
}

// sqliteCommand opens an archive's file as any other program would.
func sqliteCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sqlite file SQL")
	}
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	rows, err := db.Query(args[1])
	ts.Check(err)
	defer rows.Close()
	columns, err := rows.Columns()
	ts.Check(err)
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(sql.NullString)
		}
		ts.Check(rows.Scan(values...))
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = v.(*sql.NullString).String
		}
		fmt.Fprintln(ts.Stdout(), strings.Join(cells, "|"))
	}
	ts.Check(rows.Err())
}

// firstCommand takes the id out of the first JSON line that the last command printed.
func firstCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: firstid NAME")
	}
	var line struct{ ID string }
	ts.Check(json.NewDecoder(strings.NewReader(ts.ReadFile("stdout"))).Decode(&line))
	ts.Setenv(args[0], line.ID)
}
