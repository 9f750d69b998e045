// A program of somebody else's in Go: reads events, each as what the document says it is, and writes them as they were.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"tandem/outside/events"
)

func main() {
	if err := play(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func play(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var shown [][2]json.RawMessage
	if err := json.Unmarshal(text, &shown); err != nil {
		return err
	}
	different := []string{}
	for _, example := range shown {
		var name string
		if err := json.Unmarshal(example[0], &name); err != nil {
			return err
		}
		again := events.Again[name]
		if again == nil {
			return fmt.Errorf("no type %q", name)
		}
		written, err := again(example[1])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !same(written, example[1]) {
			different = append(different, name)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"shown": len(shown), "different": different})
}

// A field that may be null may as well be left out, which types do.
func same(one, other []byte) bool {
	var left, right any
	if json.Unmarshal(one, &left) != nil || json.Unmarshal(other, &right) != nil {
		return false
	}
	return reflect.DeepEqual(withoutNulls(left), withoutNulls(right))
}

func withoutNulls(value any) any {
	switch known := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for name, each := range known {
			if each != nil {
				kept[name] = withoutNulls(each)
			}
		}
		return kept
	case []any:
		for at, each := range known {
			known[at] = withoutNulls(each)
		}
		return known
	default:
		return value
	}
}
