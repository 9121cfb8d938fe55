{{- define "aerofn.name" -}}
{{- printf "%s-%s" .release .component | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "aerofn.selector" -}}
app.kubernetes.io/name: aerofn
app.kubernetes.io/instance: {{ .release }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "aerofn.labels" -}}
{{ include "aerofn.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "aerofn.image" -}}
{{- printf "%s/aerofn-%s:%s" (required "image.registry is needed: where deploy/images/build --to has pushed the images" .root.Values.image.registry | trimSuffix "/") .program ((index .root.Values (ternary "worker" .component (eq .component "hardening"))).tag | default .root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end }}

{{- define "aerofn.port" -}}
{{- get (dict "gateway" "8080" "worker" "8081" "scheduler" "8082" "bridge" "8083") .component }}
{{- end }}

{{- /* The settings of all services under those of one. */}}
{{- define "aerofn.settings" -}}
{{- merge (dict) (index .root.Values .component).settings .root.Values.settings | toYaml }}
{{- end }}

{{- /* Numbers of values.yaml would otherwise be written as 1e+06. */}}
{{- define "aerofn.text" -}}
{{- if kindIs "string" . }}{{ . | quote }}{{ else }}{{ toJson . | quote }}{{ end }}
{{- end }}

{{- define "aerofn.secretName" -}}
{{- (index .root.Values .component).existingSecret | default .root.Values.existingSecret | required (printf "existingSecret or %s.existingSecret is needed: a secret with AEROFN_RECORD_KEYS, AEROFN_DATABASE_PASSWORD and what else is secret" .component) }}
{{- end }}

{{- /* What each service may know of the secrets. */}}
{{- define "aerofn.secrets" -}}
{{- $shared := list "AEROFN_KAFKA_SASL_PASSWORD" "AEROFN_TRACING_HEADERS" }}
{{- $guest := list "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_ANON" "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_AUTHENTICATED" "AEROFN_WORKER_GUEST_DATABASE_PASSWORD_SERVICE_ROLE" "AEROFN_WORKER_GUEST_DATABASE_CLAIM_KEYS" }}
{{- $own := dict
  "gateway" (list "AEROFN_SECRETS_KEYS" "AEROFN_GATEWAY_JWT_SECRET" "AEROFN_SOURCE_PASSWORD")
  "worker" (concat (list "AEROFN_SECRETS_KEYS") $guest)
  "scheduler" (list)
  "bridge" (list "AEROFN_SOURCE_PASSWORD")
  "hardening" $guest }}
{{- if ne .component "hardening" }}
{{- range list "AEROFN_RECORD_KEYS" "AEROFN_DATABASE_PASSWORD" }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ $.secret }}
      key: {{ . }}
{{- end }}
{{- $own = dict $.component (concat $shared (get $own $.component)) }}
{{- end }}
{{- range get $own .component }}
- name: {{ . }}
  valueFrom:
    secretKeyRef:
      name: {{ $.secret }}
      key: {{ . }}
      optional: true
{{- end }}
{{- end }}

{{- define "aerofn.podSecurity" -}}
automountServiceAccountToken: false
# the names of services would become variables that look like settings
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "aerofn.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- if .root.Values.certificatesSecret }}
  - name: certificates
    mountPath: /etc/aerofn/certificates
    readOnly: true
  {{- end }}
{{- end }}

{{- define "aerofn.volumes" -}}
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
  {{- with .root.Values.certificatesSecret }}
  - name: certificates
    secret:
      secretName: {{ . }}
      defaultMode: 0440
  {{- end }}
{{- end }}
