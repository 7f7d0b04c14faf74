{{/* Names, labels and metadata. Most helpers take (dict "root" $ "component" "backend"). */}}

{{- define "todo.chartName" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 36 | trimSuffix "-" -}}
{{- end -}}

{{/* <release>-<chart>, or the release's name alone when one begins with the other (release "todo", chart "todo-chatbot"). */}}
{{- define "todo.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else -}}
{{- $name := include "todo.chartName" . -}}
{{- if or (contains $name .Release.Name) (hasPrefix .Release.Name $name) -}}
{{- .Release.Name | trunc 36 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 36 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "todo.namespace" -}}
{{- default .Release.Namespace .Values.namespace.name -}}
{{- end -}}

{{/* Name of a component's Deployment, Service and ServiceAccount. */}}
{{- define "todo.componentName" -}}
{{- $own := index .root.Values .component | default dict -}}
{{- $own.fullnameOverride | default (printf "%s-%s" (include "todo.fullname" .root) .component) -}}
{{- end -}}

{{/* Selectors are immutable: only these three labels, never more. */}}
{{- define "todo.selectorLabels" -}}
{{- $own := index .root.Values .component | default dict -}}
app.kubernetes.io/name: {{ $own.nameOverride | default (include "todo.chartName" .root) }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of pods: without the chart's version, so that a new chart alone restarts nothing. */}}
{{- define "todo.podLabels" -}}
{{- $own := index .root.Values .component | default dict -}}
{{- $labels := include "todo.selectorLabels" . | fromYaml -}}
{{- $labels = merge $labels (dict "app.kubernetes.io/version" .root.Chart.AppVersion "app.kubernetes.io/part-of" (include "todo.chartName" .root)) -}}
{{- $labels = merge $labels ($own.labels | default dict) .root.Values.commonLabels -}}
{{- toYaml $labels -}}
{{- end -}}

{{- define "todo.labels" -}}
{{- $labels := include "todo.podLabels" . | fromYaml -}}
{{- $labels = merge $labels (dict "app.kubernetes.io/managed-by" .root.Release.Service "helm.sh/chart" (printf "%s-%s" .root.Chart.Name (.root.Chart.Version | replace "+" "_"))) -}}
{{- toYaml $labels -}}
{{- end -}}

{{/*
metadata of an object: (dict "root" $ "component" c "name" n), and optionally "labels", "annotations" and "wave",
the Argo CD sync wave: -10 prerequisites, -5 migration, 0 the rest.
*/}}
{{- define "todo.metadata" -}}
{{- $annotations := merge (dict) (.annotations | default dict) .root.Values.commonAnnotations -}}
{{- if and .root.Values.gitops.argocd .wave -}}
{{- $annotations = merge (dict "argocd.argoproj.io/sync-wave" (toString .wave)) $annotations -}}
{{- end -}}
{{- $labels := merge (include "todo.labels" . | fromYaml) (.labels | default dict) -}}
name: {{ .name }}
namespace: {{ include "todo.namespace" .root }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Image reference from an image block. A digest names the content, so it wins over the tag. */}}
{{- define "todo.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $repository := ternary (printf "%s/%s" $registry .image.repository) .image.repository (ne $registry "") -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (.image.tag | default .root.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "todo.serviceAccountName" -}}
{{- $account := (index .root.Values .component).serviceAccount -}}
{{- $account.name | default (ternary (include "todo.componentName" .) "default" $account.create) -}}
{{- end -}}

{{/* In-cluster address of a component of this release. */}}
{{- define "todo.serviceUrl" -}}
{{- printf "http://%s:%d" (include "todo.componentName" .) (int (index .root.Values .component).service.port) -}}
{{- end -}}

{{- define "todo.backendUrl" -}}
{{- .Values.frontend.backendUrl | default (include "todo.serviceUrl" (dict "root" . "component" "backend")) -}}
{{- end -}}

{{/* The component that the Ingress and the HTTPRoute point at. */}}
{{- define "todo.publicComponent" -}}
{{- ternary "frontend" "backend" .Values.frontend.enabled -}}
{{- end -}}

{{/* Where people open the page, as far as the values tell. */}}
{{- define "todo.frontendUrl" -}}
{{- if .Values.config.frontendUrl -}}
{{- .Values.config.frontendUrl -}}
{{- else if .Values.ingress.enabled -}}
{{- printf "%s://%s" (ternary "https" "http" .Values.ingress.tls.enabled) .Values.ingress.host -}}
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}
{{- printf "https://%s" (first .Values.httpRoute.hostnames) -}}
{{- end -}}
{{- end -}}
