// Compares pilot's Pod Security verdicts with those of the Kubernetes admission library.
//
//	go run . fixtures   prints the library's own test pods as JSON lines
//	go run . compare    reads the lines of `pss judge` and reports every difference
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 2 && os.Args[1] == "fixtures":
		err = fixtures()
	case len(os.Args) == 2 && os.Args[1] == "compare":
		err = compare()
	default:
		err = fmt.Errorf("usage: fixtures | compare")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func fixtures() error {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission").Output()
	if err != nil {
		return err
	}
	root := filepath.Join(strings.TrimSpace(string(dir)), "test", "testdata")
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		pod, err := yaml.YAMLToJSON(text)
		if err != nil {
			return err
		}
		fmt.Println(string(pod))
		return nil
	})
}

type verdict struct {
	Baseline   []string `json:"baseline"`
	Restricted []string `json:"restricted"`
}

type line struct {
	Pod      json.RawMessage    `json:"pod"`
	Verdicts map[string]verdict `json:"verdicts"`
}

func compare() error {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return err
	}
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<24)
	pods, verdicts, refused, differences := 0, 0, 0, 0
	for input.Scan() {
		var judged line
		if err := json.Unmarshal(input.Bytes(), &judged); err != nil {
			return err
		}
		var pod corev1.Pod
		if err := json.Unmarshal(judged.Pod, &pod); err != nil {
			return err
		}
		pods++
		for version, ours := range judged.Verdicts {
			minor, err := strconv.Atoi(version)
			if err != nil {
				return err
			}
			for level, reasons := range map[api.Level][]string{api.LevelBaseline: ours.Baseline, api.LevelRestricted: ours.Restricted} {
				theirs := []string{}
				at := api.LevelVersion{Level: level, Version: api.MajorMinorVersion(1, minor)}
				for _, result := range evaluator.EvaluatePod(at, &pod.ObjectMeta, &pod.Spec) {
					if !result.Allowed {
						theirs = append(theirs, result.ForbiddenReason)
					}
				}
				verdicts++
				if len(theirs) > 0 {
					refused++
				}
				if !slices.Equal(reasons, theirs) {
					differences++
					if differences <= 5 {
						fmt.Printf("1.%d %s: pilot %q, library %q, pod %s\n", minor, level, reasons, theirs, judged.Pod)
					}
				}
			}
		}
	}
	if err := input.Err(); err != nil {
		return err
	}
	fmt.Printf("%d pods, %d verdicts, %d of them refusals, %d differences\n", pods, verdicts, refused, differences)
	if differences > 0 || pods == 0 || refused == 0 || refused == verdicts {
		return fmt.Errorf("the verdicts differ, or there was nothing to compare")
	}
	return nil
}
