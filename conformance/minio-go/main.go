// Puts objects with the client that Tempo has, set up as Tempo sets it up, and prints how each ended. The harness runs it beside its
// own client through the same faults (harness/conformance), and compares what the two sent.
//
// A job is one line of JSON on standard input, its result one on standard output; jobs run side by side, each with a client, a pool of
// connections and a resolver of its own. All durations are the job's, but for the waits between attempts, which minio-go keeps in
// variables of its package:
//
//	minio-go -retry-unit 200ms -retry-cap 1s
//
// Credentials come from ACCESS_KEY and SECRET_KEY.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// job is one object to be put. Durations are milliseconds.
type job struct {
	ID       string  `json:"id"`
	Endpoint string  `json:"endpoint"`
	Secure   bool    `json:"secure"`
	CA       string  `json:"ca"`
	DNS      string  `json:"dns"`
	Region   string  `json:"region"`
	Bucket   string  `json:"bucket"`
	Key      string  `json:"key"`
	Size     int     `json:"size"`
	PartSize uint64  `json:"partSize"`
	Deadline float64 `json:"deadline"`
	Timeouts struct {
		Dial           float64 `json:"dial"`
		TLSHandshake   float64 `json:"tlsHandshake"`
		ResponseHeader float64 `json:"responseHeader"`
		IdleConnection float64 `json:"idleConnection"`
		DNS            float64 `json:"dns"`
	} `json:"timeouts"`
}

// result says how a job ended: ok, deadline, s3 (with what S3 said), client (it liked no answer), or transport.
type result struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

func milliseconds(ms float64) time.Duration {
	return time.Duration(ms * float64(time.Millisecond))
}

// impatient waits for an answer of the DNS server as long as the job says, and not as long as resolv.conf does.
type impatient struct {
	*net.UDPConn
	timeout time.Duration
}

func (c impatient) SetDeadline(time.Time) error {
	return c.UDPConn.SetDeadline(time.Now().Add(c.timeout))
}

// tempoTransport is Tempo's: minio-go's own, with more idle connections. No proxy is taken from the environment.
func tempoTransport(secure bool) (*http.Transport, error) {
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	transport.Proxy = nil
	transport.MaxIdleConns = 100
	transport.MaxIdleConnsPerHost = 100
	return transport, nil
}

func newClient(endpoint string, secure bool, region string, transport *http.Transport) (*minio.Client, error) {
	return minio.New(endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(os.Getenv("ACCESS_KEY"), os.Getenv("SECRET_KEY"), ""),
		Secure:       secure,
		Transport:    transport,
		BucketLookup: minio.BucketLookupPath,
		Region:       region,
	})
}

// transportOf is Tempo's with the job's timeouts. Names are asked of the job's DNS server alone.
func transportOf(j job) (*http.Transport, error) {
	transport, err := tempoTransport(j.Secure)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{
		Timeout:   milliseconds(j.Timeouts.Dial),
		KeepAlive: 30 * time.Second,
		Resolver: &net.Resolver{
			PreferGo: true,
			Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, j.DNS)
				if udp, ok := conn.(*net.UDPConn); ok {
					return impatient{udp, milliseconds(j.Timeouts.DNS)}, err
				}
				return conn, err
			},
		},
	}
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		// The dot says that the name is whole: the search list of this machine does not matter.
		return dialer.DialContext(ctx, network, net.JoinHostPort(host+".", port))
	}
	transport.ResponseHeaderTimeout = milliseconds(j.Timeouts.ResponseHeader)
	transport.IdleConnTimeout = milliseconds(j.Timeouts.IdleConnection)
	transport.TLSHandshakeTimeout = milliseconds(j.Timeouts.TLSHandshake)
	if j.Secure {
		known := x509.NewCertPool()
		if j.CA != "" && !known.AppendCertsFromPEM([]byte(j.CA)) {
			return nil, errors.New("ca: it is no certificate in PEM")
		}
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: known}
	}
	return transport, nil
}

func run(j job) (result, error) {
	transport, err := transportOf(j)
	if err != nil {
		return result{}, err
	}
	defer transport.CloseIdleConnections()
	client, err := newClient(j.Endpoint, j.Secure, j.Region, transport)
	if err != nil {
		return result{}, err
	}
	// As a flush of Tempo's: the context ends when the write has returned, or before.
	ctx, cancel := context.WithCancel(context.Background())
	if j.Deadline > 0 {
		ctx, cancel = context.WithTimeout(context.Background(), milliseconds(j.Deadline))
	}
	defer cancel()
	body := make([]byte, j.Size)
	_, err = client.PutObject(ctx, j.Bucket, j.Key, bytes.NewReader(body), int64(j.Size), minio.PutObjectOptions{PartSize: j.PartSize})
	return ended(j.ID, ctx, err), nil
}

// ownRequestID is in the errors that minio-go makes itself, in the form of an answer of S3's.
const ownRequestID = "minio"

func ended(id string, ctx context.Context, err error) result {
	var answer minio.ErrorResponse
	switch {
	case err == nil:
		return result{ID: id, Kind: "ok"}
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return result{ID: id, Kind: "deadline", Message: err.Error()}
	case errors.As(err, &answer) && answer.RequestID == ownRequestID:
		return result{ID: id, Kind: "client", Message: err.Error()}
	case errors.As(err, &answer):
		return result{ID: id, Kind: "s3", Status: answer.StatusCode, Code: answer.Code, Message: err.Error()}
	default:
		return result{ID: id, Kind: "transport", Message: err.Error()}
	}
}

func main() {
	flag.DurationVar(&minio.DefaultRetryUnit, "retry-unit", minio.DefaultRetryUnit, "the first wait between attempts, at most")
	flag.DurationVar(&minio.DefaultRetryCap, "retry-cap", minio.DefaultRetryCap, "every wait between attempts, at most")
	timing := flag.Bool("bench", false, "take batches to be timed (bench.go) in place of jobs")
	flag.Parse()

	if *timing {
		if err := bench(); err != nil {
			fmt.Fprintf(os.Stderr, "minio-go: %v\n", err)
			os.Exit(3)
		}
		return
	}

	var running sync.WaitGroup
	var printing sync.Mutex
	output := json.NewEncoder(os.Stdout)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var j job
		if err := json.Unmarshal(lines.Bytes(), &j); err != nil {
			fmt.Fprintf(os.Stderr, "minio-go: %s: %v\n", lines.Bytes(), err)
			os.Exit(3)
		}
		running.Add(1)
		go func() {
			defer running.Done()
			told, err := run(j)
			if err != nil {
				fmt.Fprintf(os.Stderr, "minio-go: job %s: %v\n", j.ID, err)
				os.Exit(3)
			}
			printing.Lock()
			defer printing.Unlock()
			if err := output.Encode(told); err != nil {
				os.Exit(3)
			}
		}()
	}
	running.Wait()
}
