package polite

import (
	"context"
	"net"
)

// DialDirect and DialProxy connect as requests without and with a proxy do.
func DialDirect(ctx context.Context, t *Transport, address string) error {
	t.once.Do(t.dialers)
	return dial(ctx, t.direct.DialContext, address)
}

func DialProxy(ctx context.Context, t *Transport, address string) error {
	t.once.Do(t.dialers)
	return dial(ctx, t.proxied.DialContext, address)
}

func dial(ctx context.Context, dial func(context.Context, string, string) (net.Conn, error), address string) error {
	conn, err := dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}
