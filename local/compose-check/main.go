// Loads a compose file by the rules of the specification and prints the whole project as JSON, with every default
// filled in and every variable replaced. Fails with what is wrong with it.
//
//	go run . ../../docker-compose.yml [NAME=value ...]
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: compose-check <file> [NAME=value ...]")
	}
	// Only the variables named here count: neither the caller's environment nor a stray .env file.
	options, err := cli.NewProjectOptions(os.Args[1:2], cli.WithEnv(os.Args[2:]), cli.WithInterpolation(true))
	if err != nil {
		fail(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		fail(err)
	}
	text, err := project.MarshalJSON()
	if err != nil {
		fail(err)
	}
	fmt.Println(string(text))
}

func fail(reason any) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}
