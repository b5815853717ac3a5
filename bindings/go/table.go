package libdiffusion

import (
	"bufio"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Table is data, row after row; values that float32 does not hold are rounded to it.
type Table struct {
	Shape  []int // rows first: [n, columns] of a CSV file, [n, height, width] of a file of images
	Values []float32
}

// Rows is the number of rows.
func (t *Table) Rows() int {
	return t.Shape[0]
}

// Width is the number of values in a row.
func (t *Table) Width() int {
	return size(t.Shape[1:])
}

// Row is one row of the table's own values.
func (t *Table) Row(i int) []float32 {
	width := t.Width()
	return t.Values[i*width : (i+1)*width : (i+1)*width]
}

// ReadCSV reads a table of numbers, as many in every row.
func ReadCSV(r io.Reader) (*Table, error) {
	reader := csv.NewReader(r)
	reader.ReuseRecord = true
	table := &Table{Shape: []int{0, 0}}
	for {
		record, err := reader.Read() // refuses a row of another number of columns
		if err == io.EOF {
			return table, nil
		}
		if err != nil {
			return nil, err
		}
		for column, field := range record {
			value, err := strconv.ParseFloat(strings.TrimSpace(field), 32)
			if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
				line, _ := reader.FieldPos(column)
				return nil, fmt.Errorf("line %d, column %d: %q, expected a finite number", line, column+1, field)
			}
			table.Values = append(table.Values, float32(value))
		}
		table.Shape = []int{table.Shape[0] + 1, len(record)}
	}
}

// ReadIDX reads a file of the format that MNIST comes in (through compress/gzip, if it is compressed): whole numbers of 1,
// 2 or 4 bytes, or floating-point ones.
func ReadIDX(r io.Reader) (*Table, error) {
	in := bufio.NewReader(r)
	var head [4]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, fmt.Errorf("IDX: no header: %w", err)
	}
	width, read := idxType(head[2])
	if head[0] != 0 || head[1] != 0 || read == nil || head[3] == 0 {
		return nil, fmt.Errorf("IDX: % x, expected a header of the format", head)
	}
	table := &Table{}
	count := uint64(1)
	for i := 0; i < int(head[3]); i++ {
		var length uint32
		if err := binary.Read(in, binary.BigEndian, &length); err != nil {
			return nil, fmt.Errorf("IDX: the header has not %d sizes: %w", head[3], err)
		}
		table.Shape = append(table.Shape, int(length))
		if count *= uint64(length); count > math.MaxInt32 {
			return nil, fmt.Errorf("IDX: sizes %v, which is more values than can be read", table.Shape)
		}
	}
	value := make([]byte, width)
	for i := uint64(0); i < count; i++ { // no memory is taken before the values are seen to be there
		if _, err := io.ReadFull(in, value); err != nil {
			return nil, fmt.Errorf("IDX: %d values, expected %d, sizes %v: %w", i, count, table.Shape, err)
		}
		table.Values = append(table.Values, read(value))
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return nil, fmt.Errorf("IDX: more than the %d values of sizes %v", count, table.Shape)
	}
	return table, nil
}

// idxType is the number of bytes of a value, and what reads one; nil for a type that there is not.
func idxType(code byte) (int, func([]byte) float32) {
	order := binary.BigEndian
	switch code {
	case 0x08:
		return 1, func(b []byte) float32 { return float32(b[0]) }
	case 0x09:
		return 1, func(b []byte) float32 { return float32(int8(b[0])) }
	case 0x0b:
		return 2, func(b []byte) float32 { return float32(int16(order.Uint16(b))) }
	case 0x0c:
		return 4, func(b []byte) float32 { return float32(int32(order.Uint32(b))) }
	case 0x0d:
		return 4, func(b []byte) float32 { return math.Float32frombits(order.Uint32(b)) }
	case 0x0e:
		return 8, func(b []byte) float32 { return float32(math.Float64frombits(order.Uint64(b))) }
	}
	return 0, nil
}
