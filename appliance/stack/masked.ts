import { homeFolders } from './users.ts';

/** Where machines keep keys, and sockets that do what their owner may do. */
const KEPT = [
  '/boot',
  '/etc/NetworkManager/system-connections',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/kubernetes',
  '/etc/letsencrypt',
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/ssh',
  '/etc/ssl/private',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/wireguard',
  '/run',
  '/var/lib/containerd',
  '/var/lib/docker',
  '/var/lib/kubelet',
  '/var/lib/private',
];

/** What no sandbox may see in whatever folder of the host it is shown. */
export function maskedPaths(own: readonly string[]): string[] {
  return [...new Set([...own, ...homeFolders(), ...KEPT])];
}
