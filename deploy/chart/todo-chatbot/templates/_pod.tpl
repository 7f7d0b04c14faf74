{{/* What every pod of the chart has in common: Pod Security "restricted" and nothing from the cluster mounted. */}}

{{- define "todo.podDefaults" -}}
automountServiceAccountToken: false
enableServiceLinks: false
dnsConfig:
  options:
    - name: ndots
      value: {{ .Values.dnsNdots | quote }}
{{- if ne .Values.podSecurity.hostUsers nil }}
hostUsers: {{ .Values.podSecurity.hostUsers }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  {{- with .Values.podSecurity }}
  {{- if .runAsUser }}
  runAsUser: {{ .runAsUser }}
  {{- end }}
  {{- if .runAsGroup }}
  runAsGroup: {{ .runAsGroup }}
  {{- end }}
  {{- if .fsGroup }}
  fsGroup: {{ .fsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
  {{- end }}
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{/* fsGroup, runAsUser and runAsGroup stand on the pod; scanners and readers look for them here too. */}}
{{- define "todo.containerSecurity" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
{{- with .Values.podSecurity.runAsUser }}
runAsUser: {{ . }}
{{- end }}
{{- with .Values.podSecurity.runAsGroup }}
runAsGroup: {{ . }}
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Volumes and mounts of a program: scratch space, secrets as files, extra certificate authorities. */}}
{{- define "todo.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: {{ .tmpSizeLimit | default "16Mi" }}
{{- with .secrets }}
- name: secrets
  projected:
    # 0440: readable by the program's group only.
    defaultMode: 288
    sources:
      {{- range . }}
      - secret:
          name: {{ .name }}
          items:
            {{- range .items }}
            - key: {{ .key }}
              path: {{ .env }}
            {{- end }}
      {{- end }}
{{- end }}
{{- with .root.Values.trustedCa }}
{{- if .configMap }}
- name: trusted-ca
  configMap:
    name: {{ .configMap }}
    items:
      - key: {{ .key }}
        path: ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{- define "todo.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
{{- if .secrets }}
- name: secrets
  mountPath: /run/secrets/todo
  readOnly: true
{{- end }}
{{- if .root.Values.trustedCa.configMap }}
- name: trusted-ca
  mountPath: /etc/todo/ca
  readOnly: true
{{- end }}
{{- end -}}

{{/* Variables that point at the mounted secrets, or carry them. */}}
{{- define "todo.secretVariables" -}}
{{- $mount := .root.Values.secrets.mount -}}
{{- range $source := .secrets }}
{{- range $source.items }}
{{- if eq $mount "files" }}
- name: {{ .env }}_FILE
  value: /run/secrets/todo/{{ .env }}
{{- else }}
- name: {{ .env }}
  valueFrom:
    secretKeyRef:
      name: {{ $source.name }}
      key: {{ .key }}
{{- end }}
{{- end }}
{{- end }}
{{- if .root.Values.trustedCa.configMap }}
- name: SSL_CERT_FILE
  value: /etc/todo/ca/ca.crt
{{- end }}
{{- end -}}

{{/* Kubernetes 1.30 sleeps by itself; before that our program does, because the image holds no shell. */}}
{{- define "todo.lifecycle" -}}
{{- $own := index .root.Values .component -}}
{{- if gt (int $own.drain.preStopSeconds) 0 }}
lifecycle:
  preStop:
    {{- if semverCompare ">=1.30.0-0" .root.Capabilities.KubeVersion.Version }}
    sleep:
      seconds: {{ $own.drain.preStopSeconds }}
    {{- else }}
    exec:
      command: [/todo-{{ .component }}, drain]
    {{- end }}
{{- end }}
{{- end -}}

{{- define "todo.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
initialDelaySeconds: {{ .initialDelaySeconds }}
periodSeconds: {{ .periodSeconds }}
timeoutSeconds: {{ .timeoutSeconds }}
failureThreshold: {{ .failureThreshold }}
{{- end -}}

{{- define "todo.probes" -}}
{{- range $kind := list "startup" "liveness" "readiness" }}
{{- with index $.probes $kind }}
{{- if .enabled }}
{{ $kind }}Probe:
  {{- include "todo.probe" . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where the pods of a component run. */}}
{{- define "todo.scheduling" -}}
{{- $own := index .root.Values .component -}}
{{- $selector := include "todo.selectorLabels" . -}}
{{- with $own.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if or $own.nodeAffinity (ne $own.antiAffinity "none") }}
affinity:
  {{- with $own.nodeAffinity }}
  nodeAffinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if eq $own.antiAffinity "soft" }}
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- $selector | nindent 14 }}
  {{- else if eq $own.antiAffinity "hard" }}
  podAntiAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- $selector | nindent 12 }}
  {{- end }}
{{- end }}
{{- if ne $own.topologySpread "none" }}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" (eq $own.topologySpread "hard") }}
    # Only pods of the same ReplicaSet count, or the outgoing ones would skew an update.
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
  {{- end }}
{{- end }}
{{- end -}}
