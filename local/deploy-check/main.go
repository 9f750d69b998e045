// Reads what a cluster is told by the libraries of the programs that will read it there, and prints what they made of it
// as JSON. Fails with what is wrong.
//
//	go run . rules alerts.yml              Prometheus's own reading of a file of alerts, as `promtool check rules` has it
//	go run . queries < '["up == 0", …]'    the selectors in each query
//	go run . adapter adapter.yml           the queries in the rules of prometheus-adapter, as it would ask them of a pod
//	go run . chart <folder> [values.yaml]  Helm's rendering of a chart, each object read strictly as what it says it is
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sort"
	"strings"
	"text/template"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	yamlv2 "gopkg.in/yaml.v2"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	adapterconfig "sigs.k8s.io/prometheus-adapter/pkg/config"
	"sigs.k8s.io/yaml"
)

type selector struct {
	Name string `json:"name"`
	// Those that it is chosen by, and those that what is chosen is grouped by.
	Labels   []string  `json:"labels"`
	Matchers []matcher `json:"matchers"`
}

type matcher struct {
	Label string `json:"label"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

type read struct {
	Alert       string            `json:"alert,omitempty"`
	Query       string            `json:"query"`
	Selectors   []selector        `json:"selectors"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

func main() {
	result, err := run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) (any, error) {
	switch {
	case len(args) == 2 && args[0] == "rules":
		return rules(args[1])
	case len(args) == 1 && args[0] == "queries":
		return queries(os.Stdin)
	case len(args) == 2 && args[0] == "adapter":
		return adapter(args[1])
	case len(args) >= 2 && args[0] == "chart":
		return chart(args[1], args[2:])
	}
	return nil, errors.New("usage: deploy-check rules <file> | queries | adapter <file> | chart <folder> [values]")
}

func rules(file string) ([]read, error) {
	groups, errs := rulefmt.ParseFile(file, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.Default())
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	found := []read{}
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			one, err := query(rule.Expr)
			if err != nil {
				return nil, err
			}
			one.Alert, one.Labels, one.Annotations = rule.Alert, rule.Labels, rule.Annotations
			found = append(found, one)
		}
	}
	return found, nil
}

func queries(from io.Reader) ([]read, error) {
	var texts []string
	if err := json.NewDecoder(from).Decode(&texts); err != nil {
		return nil, err
	}
	found := []read{}
	for _, text := range texts {
		one, err := query(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		found = append(found, one)
	}
	return found, nil
}

func query(text string) (read, error) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(text)
	if err != nil {
		return read{}, err
	}
	found := []selector{}
	parser.Inspect(expr, func(node parser.Node, path []parser.Node) error {
		vector, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		one := selector{Name: vector.Name, Labels: []string{}, Matchers: []matcher{}}
		for _, said := range vector.LabelMatchers {
			if said.Name != labels.MetricName {
				one.Labels = append(one.Labels, said.Name)
				one.Matchers = append(one.Matchers, matcher{said.Name, said.Type.String(), said.Value})
			}
		}
		for _, around := range path {
			if aggregate, ok := around.(*parser.AggregateExpr); ok && !aggregate.Without {
				one.Labels = append(one.Labels, aggregate.Grouping...)
			}
		}
		found = append(found, one)
		return nil
	})
	return read{Query: text, Selectors: found}, nil
}

// What it finds series by, and what it asks for each: filled in for one namespace and one pod.
func adapter(file string) ([]read, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var rules adapterconfig.MetricsDiscoveryConfig
	if err := yamlv2.UnmarshalStrict(text, &rules); err != nil {
		return nil, err
	}
	found := []read{}
	for _, rule := range append(rules.Rules, rules.ExternalRules...) {
		asked, err := template.New("query").Delims("<<", ">>").Parse(rule.MetricsQuery)
		if err != nil {
			return nil, err
		}
		series, err := query(rule.SeriesQuery)
		if err != nil {
			return nil, err
		}
		text := strings.Builder{}
		filled := map[string]string{
			"Series":        series.Selectors[0].Name,
			"LabelMatchers": `namespace="market",pod="tandem-api-1"`,
			"GroupBy":       "pod",
		}
		if err := asked.Option("missingkey=error").Execute(&text, filled); err != nil {
			return nil, err
		}
		one, err := query(text.String())
		if err != nil {
			return nil, err
		}
		one.Alert, series.Alert = rule.Name.As, rule.Name.As
		found = append(found, series, one)
	}
	return found, nil
}

func chart(folder string, files []string) ([]any, error) {
	loaded, err := loader.Load(folder)
	if err != nil {
		return nil, err
	}
	values := map[string]any{}
	for _, file := range files {
		more, err := chartutil.ReadValuesFile(file)
		if err != nil {
			return nil, err
		}
		values = chartutil.CoalesceTables(more, values)
	}
	// With the chart's own values.schema.json, where it has one.
	options := chartutil.ReleaseOptions{Name: "tandem", Namespace: "market", Revision: 1, IsInstall: true}
	filled, err := chartutil.ToRenderValues(loaded, values, options, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	texts, err := engine.Engine{Strict: true}.Render(loaded, filled)
	if err != nil {
		return nil, err
	}
	names := []string{}
	for name := range texts {
		names = append(names, name)
	}
	sort.Strings(names)
	objects := []any{}
	for _, name := range names {
		if !strings.HasSuffix(name, ".yaml") {
			continue
		}
		for _, document := range strings.Split(texts[name], "\n---") {
			if len(bytes.TrimSpace([]byte(document))) == 0 {
				continue
			}
			object, err := strictly([]byte(document))
			if err != nil {
				return nil, fmt.Errorf("%s: %w\n%s", name, err, document)
			}
			if object != nil {
				objects = append(objects, object)
			}
		}
	}
	return objects, nil
}

// A field that Kubernetes does not know is an error here; there it would be dropped in silence.
func strictly(document []byte) (any, error) {
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(document, &head); err != nil {
		return nil, err
	}
	known := map[string]any{
		"apps/v1 Deployment":                     &appsv1.Deployment{},
		"autoscaling/v2 HorizontalPodAutoscaler": &autoscalingv2.HorizontalPodAutoscaler{},
		"batch/v1 Job":                           &batchv1.Job{},
		"monitoring.coreos.com/v1 PodMonitor":    &monitoringv1.PodMonitor{},
		"networking.k8s.io/v1 Ingress":           &networkingv1.Ingress{},
		"networking.k8s.io/v1 NetworkPolicy":     &networkingv1.NetworkPolicy{},
		"policy/v1 PodDisruptionBudget":          &policyv1.PodDisruptionBudget{},
		"v1 ConfigMap":                           &corev1.ConfigMap{},
		"v1 Secret":                              &corev1.Secret{},
		"v1 Service":                             &corev1.Service{},
		"v1 ServiceAccount":                      &corev1.ServiceAccount{},
	}
	if head.Kind == "" {
		// Nothing but comments.
		return nil, nil
	}
	object, ok := known[head.APIVersion+" "+head.Kind]
	if !ok {
		return nil, fmt.Errorf("nobody here knows a %s of %s", head.Kind, head.APIVersion)
	}
	return object, yaml.UnmarshalStrict(document, object)
}
