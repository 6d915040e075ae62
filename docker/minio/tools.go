//go:build tools

// Package minio pins the S3 server of the harness: go.mod and go.sum say which MinIO is built.
package minio

import _ "github.com/minio/minio"
