//go:build tools

// Package toxiproxy pins the network proxy of the harness: go.mod and go.sum say which Toxiproxy is built.
package toxiproxy

import _ "github.com/Shopify/toxiproxy/v2/cmd/server"
