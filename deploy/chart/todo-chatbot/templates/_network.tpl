{{/* Egress rules that several NetworkPolicies share. */}}

{{- define "todo.egressDns" -}}
- to:
    {{- toYaml .Values.networkPolicy.dnsTo | nindent 4 }}
  ports:
    {{- range .Values.networkPolicy.dnsPorts }}
    - port: {{ . }}
      protocol: UDP
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end -}}

{{- define "todo.egressDatabase" -}}
{{- if eq .Values.database.mode "bundled" -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "todo.selectorLabels" (dict "root" . "component" "postgres") | nindent 10 }}
  ports:
    - port: 5432
{{- else if eq .Values.database.mode "cnpg" -}}
- to:
    - podSelector:
        matchLabels:
          cnpg.io/cluster: {{ include "todo.fullname" . }}-db
    {{- if .Values.database.cnpg.pooler.enabled }}
    - podSelector:
        matchLabels:
          cnpg.io/poolerName: {{ include "todo.fullname" . }}-db-pooler
    {{- end }}
  ports:
    - port: 5432
{{- else -}}
- {{- with .Values.networkPolicy.backend.databaseTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - port: {{ .Values.networkPolicy.backend.databasePort }}
{{- end -}}
{{- end -}}

{{/* Pods of a component of this release, as a peer. */}}
{{- define "todo.peer" -}}
- podSelector:
    matchLabels:
      {{- include "todo.selectorLabels" . | nindent 6 }}
{{- end -}}

{{/*
To a backend that is another release: its labels are unknown, so its ports must do. Policies see the port of the pod,
some network plugins that of the Service: both are allowed.
*/}}
{{- define "todo.egressForeignBackend" -}}
{{- $url := urlParse (include "todo.backendUrl" .) -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default "80" | int -}}
- ports:
    {{- range list $port (int .Values.backend.containerPort) | uniq }}
    - port: {{ . }}
    {{- end }}
{{- end -}}
