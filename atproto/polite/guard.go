package polite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrRefused says that a request was not sent, because of where it leads.
var ErrRefused = errors.New("refused")

// refusal is an ErrRefused with its reason.
type refusal string

func (r refusal) Error() string        { return string(r) }
func (r refusal) Is(target error) bool { return target == ErrRefused }

// Refused marks the error for packages that do not know this one.
func (r refusal) Refused() bool { return true }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// dialers makes the two ways out. A connection of our own is checked at the address that
// is dialled, whatever the name resolved to. Behind a proxy only the proxy is dialled, which
// the user chose; the target's name is checked in [Transport.check].
func (t *Transport) dialers() {
	plain := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	guarded := &net.Dialer{Timeout: plain.Timeout, KeepAlive: plain.KeepAlive}
	if !t.AllowPrivate {
		guarded.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
			return checkAddress(address)
		}
	}
	t.direct = newTransport(guarded)
	t.proxied = newTransport(plain)
	t.proxied.Proxy = func(req *http.Request) (*url.URL, error) {
		return req.Context().Value(proxyKey{}).(*url.URL), nil
	}
}

func newTransport(d *net.Dialer) *http.Transport {
	return &http.Transport{
		DialContext:            d.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        60 * time.Second,
		TLSHandshakeTimeout:    15 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

type proxyKey struct{}

// send chooses the way out. Both ask for gzip and undo it.
func (t *Transport) send(req *http.Request) (*http.Response, error) {
	if t.Base != nil {
		return t.Base.RoundTrip(req)
	}
	proxy := t.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	via, err := proxy(req)
	if err != nil {
		return nil, err
	}
	if via == nil {
		return t.direct.RoundTrip(req)
	}
	return t.proxied.RoundTrip(req.WithContext(context.WithValue(req.Context(), proxyKey{}, via)))
}

// check looks at where a request leads, and at the redirects that led to it.
func (t *Transport) check(req *http.Request) error {
	switch req.URL.Scheme {
	case "http", "https":
	default:
		return refuse("refused %s: not a web address", req.URL.Redacted())
	}
	hops := 0
	for r := req; r.Response != nil && r.Response.Request != nil; r = r.Response.Request {
		if hops++; hops > maxRedirects {
			return refuse("refused %s: more than %d redirects", req.URL.Host, maxRedirects)
		}
		if r.Response.Request.URL.Scheme == "https" && r.URL.Scheme == "http" {
			return refuse("refused: %s redirects to %s without encryption", r.Response.Request.URL.Host, r.URL.Host)
		}
	}
	if t.AllowPrivate {
		return nil
	}
	return checkName(req.URL.Hostname())
}

// reservedNames are the last labels that name nothing in public: RFC 6761 and 6762, RFC
// 8375, RFC 9476, and what routers and offices use.
var reservedNames = []string{"localhost", "local", "internal", "test", "example", "invalid", "onion", "alt", "arpa", "lan", "home", "corp", "intranet"}

// checkName refuses literal private addresses and reserved names.
func checkName(host string) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		if !public(addr) {
			return refuse("refused %s: a private address (--allow-private allows it)", host)
		}
		return nil
	}
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	last := name[strings.LastIndexByte(name, '.')+1:]
	// A name that ends in a number is an address to some resolvers: 127.1, 0x7f.1.
	if last == "" || last == name || last[0] >= '0' && last[0] <= '9' {
		return refuse("refused %q: not the name of a public server (--allow-private allows it)", host)
	}
	for _, reserved := range reservedNames {
		if last == reserved {
			return refuse("refused %s: .%s names nothing public (--allow-private allows it)", host, reserved)
		}
	}
	return nil
}

// checkAddress refuses to connect to an address that is not public.
func checkAddress(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return refuse("refused %s: not an address", address)
	}
	if !public(ap.Addr()) {
		return refuse("refused %s: a private address (--allow-private allows it)", ap.Addr())
	}
	return nil
}

// notPublic are ranges that netip does not know by name: IANA's special-purpose
// registries, https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-.
var notPublic = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10")

// carriers are ranges of IPv6 whose addresses hold one of IPv4, and where.
var carriers = []struct {
	prefix netip.Prefix
	at     int
}{
	{netip.MustParsePrefix("64:ff9b::/96"), 12}, // NAT64
	{netip.MustParsePrefix("2002::/16"), 2},     // 6to4
}

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// public says whether an address is one of the public Internet.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	for _, c := range carriers {
		if c.prefix.Contains(a) {
			b := a.As16()
			return public(netip.AddrFrom4([4]byte(b[c.at : c.at+4])))
		}
	}
	return true
}
