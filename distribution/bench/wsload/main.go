// Command wsload is both ends of the WebSocket case: endpoints that echo, and clients that send a message, wait for its
// echo and send the next. It knows as much of RFC 6455 as that takes: whole messages in one frame each.
//
//	wsload echo STATUS ADDRESS...                                echoes on each address; STATUS serves counters as nginx's stub_status
//	wsload load ADDRESS CONNECTIONS SECONDS OCTETS               prints totals as the harness reads them from wrk
package main

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	mark = "sluice-bench "
	key  = "dGhlIHNhbXBsZSBub25jZQ=="
	guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
)

func accept(key string) string {
	sum := sha1.Sum([]byte(key + guid))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// frame makes a final text frame; masked, with a key of zeros, where a client sends it (§5.3).
func frame(payload []byte, masked bool) []byte {
	bit := byte(0)
	if masked {
		bit = 0x80
	}
	head := []byte{0x81, bit}
	switch n := len(payload); {
	case n < 126:
		head[1] |= byte(n)
	case n < 1<<16:
		head[1] |= 126
		head = binary.BigEndian.AppendUint16(head, uint16(n))
	default:
		head[1] |= 127
		head = binary.BigEndian.AppendUint64(head, uint64(n))
	}
	if masked {
		head = append(head, 0, 0, 0, 0)
	}
	return append(head, payload...)
}

// readFrame reads one frame into buffer, unmasks it and returns its opcode and payload.
func readFrame(in *bufio.Reader, buffer []byte) (byte, []byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1] & 0x7f)
	if length >= 126 {
		var extended [8]byte
		wide := extended[6:]
		if length == 127 {
			wide = extended[:]
		}
		if _, err := io.ReadFull(in, wide); err != nil {
			return 0, nil, err
		}
		length = binary.BigEndian.Uint64(extended[:])
	}
	if length > uint64(len(buffer)) {
		return 0, nil, fmt.Errorf("a frame of %d octets", length)
	}
	var mask [4]byte
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(in, mask[:]); err != nil {
			return 0, nil, err
		}
	}
	payload := buffer[:length]
	if _, err := io.ReadFull(in, payload); err != nil {
		return 0, nil, err
	}
	if mask != [4]byte{} {
		for i := range payload {
			payload[i] ^= mask[i&3]
		}
	}
	return head[0] & 0xf, payload, nil
}

type echo struct {
	accepts, messages atomic.Int64
}

func (e *echo) serve(connection net.Conn) error {
	defer connection.Close()
	in := bufio.NewReaderSize(connection, 64<<10)
	request, err := http.ReadRequest(in)
	if err != nil {
		return err
	}
	e.accepts.Add(1)
	if !strings.EqualFold(request.Header.Get("Upgrade"), "websocket") {
		return errors.New("no upgrade was asked for")
	}
	fmt.Fprintf(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		accept(request.Header.Get("Sec-WebSocket-Key")))
	buffer := make([]byte, 1<<20)
	for {
		opcode, payload, err := readFrame(in, buffer)
		if err != nil || opcode == 8 {
			return err
		}
		e.messages.Add(1)
		if _, err := connection.Write(frame(payload, false)); err != nil {
			return err
		}
	}
}

func serveEcho(status string, addresses []string) error {
	served := &echo{}
	for _, address := range addresses {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go func() {
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				go served.serve(connection)
			}
		}()
	}
	// The harness takes its own look at this page off both numbers, as nginx counts it.
	var looks atomic.Int64
	return http.ListenAndServe(status, http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		seen := looks.Add(1)
		accepts, messages := served.accepts.Load()+seen, served.messages.Load()+seen
		fmt.Fprintf(out, "server accepts handled requests\n %d %d %d\n", accepts, accepts, messages)
	}))
}

type client struct {
	connection net.Conn
	in         *bufio.Reader
	micros     []int64
	err        error
}

func dial(address string) (*client, error) {
	connection, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		return nil, err
	}
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(connection, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n",
		address, key)
	in := bufio.NewReaderSize(connection, 64<<10)
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != 101 || response.Header.Get("Sec-WebSocket-Accept") != accept(key) {
		return nil, fmt.Errorf("no WebSocket: %s", response.Status)
	}
	return &client{connection: connection, in: in}, nil
}

func (c *client) run(until time.Time, message []byte) {
	sent, buffer := frame(message, true), make([]byte, len(message))
	c.connection.SetDeadline(until.Add(10 * time.Second))
	for before := time.Now(); before.Before(until); {
		if _, c.err = c.connection.Write(sent); c.err != nil {
			return
		}
		var got []byte
		if _, got, c.err = readFrame(c.in, buffer); c.err != nil {
			return
		}
		if !bytes.Equal(got, message) {
			c.err = errors.New("another message came back")
			return
		}
		now := time.Now()
		c.micros = append(c.micros, now.Sub(before).Microseconds())
		before = now
	}
}

func load(address string, connections int, seconds float64, octets int) error {
	clients := make([]*client, connections)
	for i := range clients {
		opened, err := dial(address)
		if err != nil {
			return err
		}
		clients[i] = opened
	}
	message := bytes.Repeat([]byte("x"), octets)
	began := time.Now()
	until := began.Add(time.Duration(seconds * float64(time.Second)))
	var running sync.WaitGroup
	for _, each := range clients {
		running.Add(1)
		go func(c *client) {
			defer running.Done()
			c.run(until, message)
		}(each)
	}
	running.Wait()
	micros := time.Since(began).Microseconds()
	var all []int64
	failed := 0
	for _, each := range clients {
		all = append(all, each.micros...)
		if each.err != nil {
			fmt.Fprintln(os.Stderr, each.err)
			failed++
		}
		each.connection.Close()
	}
	if len(all) == 0 {
		return errors.New("no message came back")
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	line, err := json.Marshal(map[string]int64{
		"requests": int64(len(all)), "micros": micros, "bytes": int64(len(all) * octets),
		"connect": 0, "read": int64(failed), "write": 0, "timeout": 0, "status": 0,
		"p50": all[len(all)/2], "p99": all[len(all)*99/100], "max": all[len(all)-1],
	})
	fmt.Printf("%s%s\n", mark, line)
	return err
}

func run(arguments []string) error {
	switch {
	case len(arguments) >= 3 && arguments[0] == "echo":
		return serveEcho(arguments[1], arguments[2:])
	case len(arguments) == 5 && arguments[0] == "load":
		connections, err := strconv.Atoi(arguments[2])
		if err != nil {
			return err
		}
		seconds, err := strconv.ParseFloat(arguments[3], 64)
		if err != nil {
			return err
		}
		octets, err := strconv.Atoi(arguments[4])
		if err != nil {
			return err
		}
		return load(arguments[1], connections, seconds, octets)
	default:
		return errors.New("usage: wsload echo STATUS ADDRESS... | wsload load ADDRESS CONNECTIONS SECONDS OCTETS")
	}
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "wsload:", err)
		os.Exit(1)
	}
}
