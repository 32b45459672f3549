package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"

	engine "modernc.org/sqlite"
)

// walKept is the size to which the WAL is cut back once it has been emptied.
const walKept = 64 << 20

// pragma is a setting of a connection, and what it must read once it is in force.
type pragma struct{ name, set, want string }

func plain(name string, value int) pragma {
	return pragma{name: name, set: strconv.Itoa(value), want: strconv.Itoa(value)}
}

// connection is what every connection of a pool is opened with.
type connection struct {
	path, mode string
	pragmas    []pragma
}

func writing(path string, o Options) connection {
	return connection{path: path, mode: "rwc", pragmas: append(shared(o, o.CacheKiB),
		pragma{name: "journal_mode", set: "wal", want: "wal"},
		pragma{name: "synchronous", set: "full", want: "2"},
		plain("journal_size_limit", walKept),
	)}
}

func reading(path string, o Options) connection {
	return connection{path: path, mode: "ro", pragmas: append(shared(o, o.ReadCacheKiB),
		pragma{name: "journal_mode", want: "wal"},
		plain("query_only", 1),
	)}
}

// shared begins with the patience that the other settings may already need.
func shared(o Options, cacheKiB int) []pragma {
	return []pragma{
		plain("busy_timeout", int(o.Busy.Milliseconds())),
		plain("foreign_keys", 1),
		plain("trusted_schema", 0),
		plain("cache_size", -cacheKiB),
		plain("temp_store", 2),
	}
}

// dsn names the file in full, so that the folder the program stands in may change.
func (c connection) dsn() (string, error) {
	path, err := filepath.Abs(c.path)
	if err != nil {
		return "", err
	}
	q := url.Values{"mode": {c.mode}, "_dqs": {"0"}, "_defensive": {"1"}, "_error_rc": {"1"}}
	for _, p := range c.pragmas {
		if p.set != "" {
			q.Add("_pragma", fmt.Sprintf("%s(%s)", p.name, p.set))
		}
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	return u.String(), nil
}

func openPool(c connection) (*sql.DB, error) {
	dsn, err := c.dsn()
	if err != nil {
		return nil, err
	}
	base, err := engine.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(verified{base, c.pragmas}), nil
}

// verified gives out only connections on which every setting reads back as asked.
type verified struct {
	driver.Connector
	want []pragma
}

// Connect opens a connection and reads its settings back.
func (v verified) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := v.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range v.want {
		if err := p.inForce(ctx, conn); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

func (p pragma) inForce(ctx context.Context, conn driver.Conn) error {
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "PRAGMA "+p.name, nil)
	if err != nil {
		return fmt.Errorf("read %s back: %w", p.name, err)
	}
	defer rows.Close()
	got := make([]driver.Value, 1)
	if err := rows.Next(got); err != nil && err != io.EOF {
		return fmt.Errorf("read %s back: %w", p.name, err)
	}
	if text := fmt.Sprint(got[0]); text != p.want {
		return &notInForce{name: p.name, got: text, want: p.want}
	}
	return nil
}

// notInForce is a setting that the file or its disk refused.
type notInForce struct{ name, got, want string }

func (n *notInForce) Error() string {
	return fmt.Sprintf("%s is %s, want %s", n.name, n.got, n.want)
}
