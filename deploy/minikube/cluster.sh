# Read by up, down and status: where things are, and what this machine has. POSIX sh.
# shellcheck shell=sh

profile="${MINIKUBE_PROFILE:-minikube}"
namespace="${TODO_NAMESPACE:-todo}"
release="${TODO_RELEASE:-todo}"
repository="$(cd "$(dirname "$0")/../.." && pwd)"
chart="$repository/deploy/chart/todo-chatbot"
node_port=30000

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

need() {
    for program in "$@"; do
        command -v "$program" > /dev/null 2>&1 || die "$program was not found; install it first"
    done
}

mk() { minikube --profile "$profile" "$@"; }
kube() { kubectl --context "$profile" --namespace "$namespace" "$@"; }
chart_tool() { helm --kube-context "$profile" --namespace "$namespace" "$@"; }

# deployed, failed, pending-install, …; empty when there is no release.
release_status() {
    chart_tool status "$release" --output json 2> /dev/null | tr ',' '\n' | sed -n 's/.*"status":"\([a-z-]*\)".*/\1/p' | head -n 1
}

is_running() { [ "$(mk status --format '{{.Host}}' 2> /dev/null)" = Running ]; }

driver() {
    minikube profile list --output json 2> /dev/null | tr '{' '\n' | tr -d '\n' |
        sed -n "s/.*\"Name\":\"$profile\".*\"Driver\":\"\([a-z0-9]*\)\".*/\1/p"
}

# With the docker driver the node's address is reachable on Linux only: on macOS and Windows it lies inside a virtual
# machine, and under WSL the browser runs outside.
node_is_reachable() {
    [ "$(driver)" != docker ] && return 0
    [ "$(uname -s)" = Linux ] && ! grep -qi microsoft /proc/version 2> /dev/null
}

print_url() {
    if node_is_reachable; then
        echo "http://$(mk ip):$node_port"
    else
        say "The docker driver on this system does not publish the node's ports. Keep this running in another terminal:"
        say "  kubectl --context $profile --namespace $namespace port-forward service/$release-frontend 3000:3000"
        echo "http://localhost:3000"
    fi
}
