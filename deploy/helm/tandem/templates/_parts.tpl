{{- define "tandem.labels" -}}
app.kubernetes.io/name: tandem
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "tandem.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{/* What a part is told that is no secret. */}}
{{- define "tandem.config" -}}
NODE_ENV: production
{{- range $name, $value := .root.Values.config }}
{{- /* Whose password only the migrations are given. */}}
{{- if or (ne $name "ADMIN_HANDLE") (eq $.part "migrate") }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- if ne .part "migrate" }}
PUBLIC_URL: {{ .root.Values.publicUrl | quote }}
{{- end }}
{{- if eq .part "api" }}
HOST: 0.0.0.0
PORT: "3000"
TRUST_PROXY: {{ .root.Values.trustProxy | quote }}
OPEN_IN_PRODUCTION: metrics
{{- else }}
TEMPORAL_ADDRESS: {{ .root.Values.temporal.address | quote }}
TEMPORAL_NAMESPACE: {{ .root.Values.temporal.namespace | quote }}
{{- end }}
{{- if eq .part "worker" }}
WORKER_HOST: 0.0.0.0
WORKER_PORT: "3001"
{{- end }}
{{- end -}}

{{/* The Secret of a part: ours, with what it reads of what there is, unless there is one of yours. */}}
{{- define "tandem.secret" -}}
{{- if not (index .root.Values.existingSecrets .part) }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ .root.Release.Name }}-{{ .part }}
  labels: {{- include "tandem.labels" . | nindent 4 }}
  {{- if eq .part "migrate" }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: before-hook-creation
  {{- end }}
type: Opaque
stringData:
  {{- range $name := splitList " " (include (printf "tandem.secretsOf.%s" .part) .root) }}
  {{- with index $.root.Values.secrets $name }}
  {{ $name }}: {{ . | quote }}
  {{- end }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "tandem.environment" -}}
env:
  {{- range $name, $value := include "tandem.config" . | fromYaml }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
envFrom:
  - secretRef:
      name: {{ index .root.Values.existingSecrets .part | default (printf "%s-%s" .root.Release.Name .part) }}
{{- end -}}

{{/* Nobody but us runs in a pod: as nobody, writing nowhere. */}}
{{- define "tandem.pod" -}}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "tandem.container" -}}
image: {{ include "tandem.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/* A Deployment of API or worker: one more before one goes, spread over nodes, and what changes its secrets begins it anew. */}}
{{- define "tandem.deployment" -}}
{{- $values := index .root.Values .part }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ .part }}
  labels: {{- include "tandem.labels" . | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  strategy:
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels: {{- include "tandem.labels" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "tandem.labels" . | nindent 8 }}
      annotations:
        checksum/secret: {{ include "tandem.secret" . | sha256sum }}
        prometheus.io/scrape: "true"
        prometheus.io/path: /metrics
        prometheus.io/port: {{ .port | quote }}
    spec:
      {{- include "tandem.pod" .root | nindent 6 }}
      # It ends within 7 s of being asked; before that, those who send requests have 5 s to hear that it goes.
      terminationGracePeriodSeconds: 20
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "tandem.labels" . | nindent 14 }}
      containers:
        - name: {{ .part }}
          {{- include "tandem.container" .root | nindent 10 }}
          command: [node, {{ .part }}/main.ts]
          {{- include "tandem.environment" . | nindent 10 }}
          ports:
            - { name: http, containerPort: {{ .port }} }
          # Nothing it waits for is a reason to start it anew: livez is about the process alone.
          livenessProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 3
            timeoutSeconds: 3
          startupProbe:
            httpGet: { path: /livez, port: http }
            periodSeconds: 1
            failureThreshold: 60
          lifecycle:
            preStop:
              sleep: { seconds: 5 }
          resources: {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
      volumes:
        - name: tmp
          emptyDir: {}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .root.Release.Name }}-{{ .part }}
  labels: {{- include "tandem.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "tandem.labels" . | nindent 6 }}
{{- end -}}
