// Does the same S3 operations as any client of Tempo's would, with the client that Tempo has, and prints what came back: one JSON
// object a line. Run once straight to the server and once through the path; the two outputs have to be the same, but for what
// differs from run to run.
//
//	transparency <endpoint> <bucket> <path|virtual>
//
// Credentials come from ACCESS_KEY and SECRET_KEY.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// recorder keeps the answers that came over the wire.
type recorder struct {
	next http.RoundTripper
	mu   sync.Mutex
	seen []answer
}

type answer struct {
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Status  int         `json:"status"`
	Proto   string      `json:"proto"`
	Headers http.Header `json:"headers"`
	Length  int64       `json:"length"`
	Part    string      `json:"part,omitempty"`
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, answer{
		Method:  request.Method,
		Path:    request.URL.EscapedPath(),
		Status:  response.StatusCode,
		Proto:   response.Proto,
		Headers: response.Header.Clone(),
		Length:  response.ContentLength,
		Part:    request.URL.Query().Get("partNumber"),
	})
	return response, nil
}

func (r *recorder) take() []answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := r.seen
	r.seen = nil
	// Parts go up side by side.
	sort.SliceStable(seen, func(i, j int) bool {
		return seen[i].Method+seen[i].Part < seen[j].Method+seen[j].Part
	})
	return seen
}

type line struct {
	Step    string   `json:"step"`
	Result  any      `json:"result"`
	Error   string   `json:"error,omitempty"`
	Answers []answer `json:"answers"`
}

// Keys that a client may use, each with what is special about it.
var keys = []string{
	"plain", "with space", "plus+sign", "percent%25", "per%cent", "slash/in/side", "ünïcödé-ключ-鍵", "quote'\"", "amp&eq=q?hash#",
	"semi;colon:comma,", "tilde~(paren)[bracket]{brace}", "star*bang!", "dot.", strings.Repeat("long", 60),
}

func pattern(size int) []byte {
	body := make([]byte, size)
	for i := range body {
		body[i] = byte(i*31 + i>>8)
	}
	return body
}

func sum(body []byte) string {
	hash := sha256.Sum256(body)
	return hex.EncodeToString(hash[:])
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: transparency <endpoint> <bucket> <path|virtual>")
		os.Exit(3)
	}
	endpoint, bucket := os.Args[1], os.Args[2]
	lookup := minio.BucketLookupPath
	if os.Args[3] == "virtual" {
		lookup = minio.BucketLookupDNS
	}
	transport, err := minio.DefaultTransport(false)
	if err != nil {
		panic(err)
	}
	// Whatever the endpoint is called, it is on this machine: no resolver has to know its name, or its buckets' names.
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}
	record := &recorder{next: transport}
	client, err := minio.New(endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(os.Getenv("ACCESS_KEY"), os.Getenv("SECRET_KEY"), ""),
		Transport:    record,
		BucketLookup: lookup,
		Region:       "us-east-1",
	})
	if err != nil {
		panic(err)
	}
	core := minio.Core{Client: client}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()

	output := json.NewEncoder(os.Stdout)
	step := func(name string, do func() (any, error)) {
		result, err := do()
		told := line{Step: name, Result: result, Answers: record.take()}
		if err != nil {
			told.Error = err.Error()
		}
		if err := output.Encode(told); err != nil {
			panic(err)
		}
	}
	put := func(key string, body []byte, options minio.PutObjectOptions) (any, error) {
		info, err := client.PutObject(ctx, bucket, key, bytes.NewReader(body), int64(len(body)), options)
		return map[string]any{"etag": info.ETag, "size": info.Size}, err
	}
	get := func(key string, options minio.GetObjectOptions) (any, error) {
		object, err := client.GetObject(ctx, bucket, key, options)
		if err != nil {
			return nil, err
		}
		defer object.Close()
		body, err := io.ReadAll(object)
		return map[string]any{"bytes": len(body), "sha256": sum(body)}, err
	}

	for _, size := range []int{0, 1, 4095, 65536, 65537, 1 << 20} {
		name := fmt.Sprintf("size-%d", size)
		step("put "+name, func() (any, error) { return put(name, pattern(size), minio.PutObjectOptions{}) })
		step("get "+name, func() (any, error) { return get(name, minio.GetObjectOptions{}) })
	}
	step("put unsigned", func() (any, error) {
		return put("unsigned", pattern(5000), minio.PutObjectOptions{DisableContentSha256: true})
	})
	step("put with a checksum in a trailer", func() (any, error) {
		return put("trailer", pattern(100_000), minio.PutObjectOptions{Checksum: minio.ChecksumCRC32C})
	})
	step("put with metadata", func() (any, error) {
		return put("metadata", pattern(10), minio.PutObjectOptions{
			ContentType:  "application/x-block",
			CacheControl: "no-store",
			UserMetadata: map[string]string{"Writer": "ingester-0"},
		})
	})
	step("stat", func() (any, error) {
		info, err := client.StatObject(ctx, bucket, "metadata", minio.StatObjectOptions{})
		return map[string]any{"size": info.Size, "type": info.ContentType, "metadata": info.UserMetadata}, err
	})
	step("stat of nothing", func() (any, error) {
		_, err := client.StatObject(ctx, bucket, "nothing", minio.StatObjectOptions{})
		return minio.ToErrorResponse(err).Code, nil
	})
	step("get of nothing", func() (any, error) {
		_, err := get("nothing", minio.GetObjectOptions{})
		return minio.ToErrorResponse(err).Code, nil
	})
	for _, between := range [][2]int64{{0, 99}, {1000, 70_000}, {0, -1000}} {
		options := minio.GetObjectOptions{}
		if err := options.SetRange(between[0], between[1]); err != nil {
			panic(err)
		}
		step(fmt.Sprintf("range %d to %d", between[0], between[1]), func() (any, error) { return get("size-1048576", options) })
	}
	step("conditional get", func() (any, error) {
		options := minio.GetObjectOptions{}
		if err := options.SetMatchETag("00000000000000000000000000000000"); err != nil {
			return nil, err
		}
		_, err := get("size-1", options)
		return minio.ToErrorResponse(err).Code, nil
	})
	for _, key := range keys {
		step("put key "+key, func() (any, error) { return put("keys/"+key, []byte(key), minio.PutObjectOptions{}) })
		step("get key "+key, func() (any, error) { return get("keys/"+key, minio.GetObjectOptions{}) })
	}
	step("multipart", func() (any, error) {
		return put("multipart", pattern(12<<20), minio.PutObjectOptions{PartSize: 5 << 20, NumThreads: 4})
	})
	step("get multipart", func() (any, error) { return get("multipart", minio.GetObjectOptions{}) })
	step("multipart step by step", func() (any, error) {
		id, err := core.NewMultipartUpload(ctx, bucket, "steps", minio.PutObjectOptions{})
		if err != nil {
			return nil, err
		}
		body := pattern(5 << 20)
		part, err := core.PutObjectPart(ctx, bucket, "steps", id, 1, bytes.NewReader(body), int64(len(body)), minio.PutObjectPartOptions{})
		if err != nil {
			return nil, err
		}
		listed, err := core.ListObjectParts(ctx, bucket, "steps", id, 0, 100)
		if err != nil {
			return nil, err
		}
		info, err := core.CompleteMultipartUpload(ctx, bucket, "steps", id, []minio.CompletePart{{PartNumber: 1, ETag: part.ETag}}, minio.PutObjectOptions{})
		return map[string]any{"parts": len(listed.ObjectParts), "etag": info.ETag}, err
	})
	step("abort", func() (any, error) {
		id, err := core.NewMultipartUpload(ctx, bucket, "aborted", minio.PutObjectOptions{})
		if err != nil {
			return nil, err
		}
		return nil, core.AbortMultipartUpload(ctx, bucket, "aborted", id)
	})
	step("complete of nothing", func() (any, error) {
		_, err := core.CompleteMultipartUpload(ctx, bucket, "none", "no-such-upload", []minio.CompletePart{{PartNumber: 1, ETag: "0"}}, minio.PutObjectOptions{})
		return minio.ToErrorResponse(err).Code, nil
	})
	step("list", func() (any, error) {
		listed := []string{}
		for object := range client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Recursive: true, MaxKeys: 7}) {
			if object.Err != nil {
				return nil, object.Err
			}
			listed = append(listed, fmt.Sprintf("%s %d", object.Key, object.Size))
		}
		return listed, nil
	})
	step("list by delimiter", func() (any, error) {
		listed := []string{}
		for object := range client.ListObjects(ctx, bucket, minio.ListObjectsOptions{Prefix: "keys/"}) {
			listed = append(listed, object.Key)
		}
		return listed, nil
	})
	step("copy", func() (any, error) {
		info, err := client.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "copy"}, minio.CopySrcOptions{Bucket: bucket, Object: "size-4095"})
		return map[string]any{"etag": info.ETag}, err
	})
	step("presigned get", func() (any, error) {
		signed, err := client.PresignedGetObject(ctx, bucket, "size-4095", time.Minute, url.Values{})
		if err != nil {
			return nil, err
		}
		return plain(transport, http.MethodGet, signed.String(), nil)
	})
	step("presigned put", func() (any, error) {
		signed, err := client.PresignedPutObject(ctx, bucket, "presigned", time.Minute)
		if err != nil {
			return nil, err
		}
		return plain(transport, http.MethodPut, signed.String(), pattern(3000))
	})
	step("delete", func() (any, error) {
		return nil, client.RemoveObject(ctx, bucket, "copy", minio.RemoveObjectOptions{})
	})
	step("delete many", func() (any, error) {
		objects := make(chan minio.ObjectInfo)
		go func() {
			defer close(objects)
			for _, key := range []string{"size-0", "size-1", "nothing"} {
				objects <- minio.ObjectInfo{Key: key}
			}
		}()
		for failed := range client.RemoveObjects(ctx, bucket, objects, minio.RemoveObjectsOptions{}) {
			return nil, failed.Err
		}
		return nil, nil
	})
}

// plain sends a request that was signed beforehand.
func plain(transport http.RoundTripper, method, address string, body []byte) (any, error) {
	request, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	return map[string]any{"status": response.StatusCode, "bytes": len(got), "sha256": sum(got)}, err
}
