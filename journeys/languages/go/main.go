// A program of somebody else's in Go: it makes an account, posts a campaign twice under one key, and reads what there is.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"tandem/outside/tandem"
)

func main() {
	if err := play(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func play(ctx context.Context, url string) error {
	open, err := tandem.NewClientWithResponses(url)
	if err != nil {
		return err
	}
	roles := []tandem.AuthRegisterRequestRoles{"brand_owner"}
	account := tandem.AuthRegisterRequest{Handle: "gopher", Password: "a long password", Roles: &roles}
	registered, err := open.AuthRegisterWithResponse(ctx, account)
	if err != nil || registered.JSON201 == nil {
		return fmt.Errorf("registering: %w %s", err, registered.Body)
	}
	signed := func(_ context.Context, request *http.Request) error {
		request.Header.Set("authorization", "Bearer "+registered.JSON201.Data.Access)
		return nil
	}
	api, err := tandem.NewClientWithResponses(url, tandem.WithRequestEditorFn(signed))
	if err != nil {
		return err
	}
	key := tandem.IdempotencyKey("one")
	for range 2 {
		body := []byte(`{"title":"Monsoon","description":"Three reels","budget":"20000"}`)
		var campaign tandem.CampaignRequest
		if err := json.Unmarshal(body, &campaign); err != nil {
			return err
		}
		made, err := api.CampaignsCreateWithResponse(ctx, &tandem.CampaignsCreateParams{IdempotencyKey: &key}, campaign)
		if err != nil || made.JSON201 == nil {
			return fmt.Errorf("posting: %w %s", err, made.Body)
		}
	}
	listed, err := api.CampaignsListWithResponse(ctx, &tandem.CampaignsListParams{})
	if err != nil || listed.JSON200 == nil {
		return fmt.Errorf("listing: %w %s", err, listed.Body)
	}
	missing, err := api.CampaignsGetWithResponse(ctx, tandem.Id(registered.JSON201.Data.User.Id))
	if err != nil || missing.JSON404 == nil {
		return fmt.Errorf("a campaign that is not there: %w %s", err, missing.Body)
	}
	titles := []string{}
	for _, campaign := range listed.JSON200.Data {
		titles = append(titles, campaign.Title)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"handle": registered.JSON201.Data.User.Handle, "titles": titles, "missing": missing.JSON404.ErrorCode,
	})
}
