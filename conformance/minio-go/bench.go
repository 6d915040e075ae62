package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

// batch is puts of one file's bytes under many keys, some at a time. What Tempo does for each object is timed: the file is read whole
// into memory, then put.
type batch struct {
	ID       string   `json:"id"`
	Endpoint string   `json:"endpoint"`
	Region   string   `json:"region"`
	Bucket   string   `json:"bucket"`
	File     string   `json:"file"`
	Keys     []string `json:"keys"`
	Parallel int      `json:"parallel"`
	PartSize uint64   `json:"partSize"`
}

// timed has milliseconds: of all of a batch, and of each put.
type timed struct {
	ID    string    `json:"id"`
	Total float64   `json:"total"`
	Each  []float64 `json:"each"`
}

// bench takes batches from standard input, one after another, and keeps a client with its connections for each endpoint.
func bench() error {
	clients := map[string]*minio.Client{}
	input := json.NewDecoder(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for input.More() {
		var b batch
		if err := input.Decode(&b); err != nil {
			return err
		}
		client, known := clients[b.Endpoint]
		if !known {
			transport, err := tempoTransport(false)
			if err != nil {
				return err
			}
			client, err = newClient(b.Endpoint, false, b.Region, transport)
			if err != nil {
				return err
			}
			clients[b.Endpoint] = client
		}
		told, err := putAll(client, b)
		if err != nil {
			return err
		}
		if err := output.Encode(told); err != nil {
			return err
		}
	}
	return nil
}

func putAll(client *minio.Client, b batch) (timed, error) {
	told := timed{ID: b.ID, Each: make([]float64, len(b.Keys))}
	next := make(chan int, len(b.Keys))
	for index := range b.Keys {
		next <- index
	}
	close(next)
	var working sync.WaitGroup
	failed := make(chan error, b.Parallel)
	began := time.Now()
	for range b.Parallel {
		working.Add(1)
		go func() {
			defer working.Done()
			for index := range next {
				since := time.Now()
				body, err := os.ReadFile(b.File)
				if err == nil {
					_, err = client.PutObject(context.Background(), b.Bucket, b.Keys[index], bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{PartSize: b.PartSize})
				}
				if err != nil {
					failed <- fmt.Errorf("%s: %w", b.Keys[index], err)
					return
				}
				told.Each[index] = float64(time.Since(since)) / float64(time.Millisecond)
			}
		}()
	}
	working.Wait()
	told.Total = float64(time.Since(began)) / float64(time.Millisecond)
	close(failed)
	return told, <-failed
}
