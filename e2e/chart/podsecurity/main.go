// Command podsecurity reads a JSON list of pods on standard input and prints, one line each, what Kubernetes' own
// Pod Security library says against admitting them to a namespace that enforces "restricted".
package main

import (
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	var pods []corev1.Pod
	if err := json.NewDecoder(os.Stdin).Decode(&pods); err != nil {
		fmt.Fprintln(os.Stderr, "podsecurity: standard input is no JSON list of pods:", err)
		os.Exit(2)
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, "podsecurity:", err)
		os.Exit(2)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, pod := range pods {
		for _, result := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
			if !result.Allowed {
				fmt.Printf("%s: %s (%s)\n", pod.Name, result.ForbiddenReason, result.ForbiddenDetail)
			}
		}
	}
	fmt.Fprintf(os.Stderr, "%d pods\n", len(pods))
}
