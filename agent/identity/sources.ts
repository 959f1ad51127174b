/** Who is asked whose a container is, by the flags. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { limits } from '../../catalog/limit.ts'
import type { FlagTable } from '../../settings/flag.ts'
import type { Settings } from '../../settings/flags.ts'
import { UsageError } from '../../settings/usage-error.ts'
import { CriSource } from './cri.ts'
import { DockerSource, PodmanSource } from './docker.ts'
import { KubeletSource } from './kubelet.ts'
import type { Source } from './source.ts'

/** What a pod's service account finds in its file system. */
const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount'
const KUBELET_HERE = 'https://127.0.0.1:10250/pods'

const socketFlag = (help: string, tried: readonly string[]) =>
  ({
    type: 'string',
    multiple: true,
    form: 'path',
    default: tried,
    value: 'SOCKET',
    help,
  }) as const

export const identityFlags = {
  'identity.docker': {
    type: 'boolean',
    default: true,
    help: 'Ask Docker Engine for names, images and labels of its containers.',
  },
  'identity.docker-socket': socketFlag('Where Docker Engine may listen; the first that exists.', [
    '/run/docker.sock',
    '/var/run/docker.sock',
  ]),
  'identity.podman': {
    type: 'boolean',
    default: true,
    help: "Ask podman, and the podman of each user in the user's slice.",
  },
  'identity.podman-socket': socketFlag('Where podman may listen; the first that exists.', [
    '/run/podman/podman.sock',
  ]),
  'identity.cri': {
    type: 'boolean',
    default: true,
    help: 'Ask the Container Runtime Interface for pods and their containers.',
  },
  'identity.cri-socket': socketFlag('Where containerd or CRI-O may listen; all that exist.', [
    '/run/containerd/containerd.sock',
    '/run/k3s/containerd/containerd.sock',
    '/run/crio/crio.sock',
  ]),
  'identity.kubelet': {
    type: 'boolean',
    default: true,
    help: 'Ask the kubelet for pods, where its URL is known.',
  },
  'identity.kubelet-url': {
    type: 'string',
    form: 'url',
    value: 'URL',
    help: `The kubelet's /pods; ${KUBELET_HERE} in a pod with a service account.`,
  },
  'identity.kubelet-token-file': {
    type: 'string',
    form: 'path',
    default: `${ACCOUNT}/token`,
    value: 'FILE',
    help: 'Token for the kubelet, sent over TLS alone.',
  },
  'identity.kubelet-ca-file': {
    type: 'string',
    form: 'path',
    default: `${ACCOUNT}/ca.crt`,
    value: 'FILE',
    help: "Authority that the kubelet's certificate must come from.",
  },
  'identity.kubelet-skip-verify': {
    type: 'boolean',
    help: "Accept any certificate of the kubelet's: most have one that they signed themselves.",
  },
  'identity.labels': {
    type: 'string',
    multiple: true,
    default: ['com.docker.compose.project', 'com.docker.compose.service'],
    value: 'LABEL',
    help: 'Labels of containers that candor_container_info has, by their whole names.',
  },
} as const satisfies FlagTable

/** In the order in which they are believed; throws UsageError where values cannot be. */
export function sourcesOf(settings: Settings<typeof identityFlags>, rootfs: string): Source[] {
  const labels = settings['identity.labels']
  if (labels.length > limits.identityLabels.value) {
    throw new UsageError('ERR_BAD_FLAG', [
      `--identity.labels: expected ${limits.identityLabels.value} or fewer, found ${labels.length}`,
    ])
  }
  const reach = (paths: readonly string[]) => withRootfs(paths, rootfs)
  const sources: Source[] = []
  if (settings['identity.docker']) {
    sources.push(new DockerSource(reach(settings['identity.docker-socket']), labels))
  }
  if (settings['identity.podman']) {
    const users = join(rootfs, '/run/user')
    sources.push(new PodmanSource(reach(settings['identity.podman-socket']), labels, users))
  }
  if (settings['identity.cri']) {
    sources.push(new CriSource(reach(settings['identity.cri-socket']), labels))
  }
  if (settings['identity.kubelet']) {
    const tokenFile = settings['identity.kubelet-token-file']
    const inPod = existsSync(tokenFile) && process.env['KUBERNETES_SERVICE_HOST'] !== undefined
    sources.push(
      new KubeletSource({
        url: settings['identity.kubelet-url'] ?? (inPod ? KUBELET_HERE : undefined),
        tokenFile,
        caFile: settings['identity.kubelet-ca-file'],
        skipVerify: settings['identity.kubelet-skip-verify'],
        labels,
      }),
    )
  }
  return sources
}

/** In a container, the machine's sockets lie below where its root is mounted. */
const withRootfs = (paths: readonly string[], rootfs: string): readonly string[] =>
  rootfs === '/' ? paths : [...paths, ...paths.map((path) => join(rootfs, path))]
