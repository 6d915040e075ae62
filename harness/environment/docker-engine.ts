/** Reaching a container engine, and whether it can do what the harness needs of it. */
import { existsSync } from 'node:fs';
import type { ContainerRuntimeClient } from 'testcontainers';

/** An engine that works here, or why there is none, and the one thing to do about it. */
export type Engine = { client: ContainerRuntimeClient; version: string } | { problem: string; remedy: string };

/**
 * testcontainers is slow to load, so it is loaded when it is needed. Its reaper, a container that removes others, would have to be
 * pulled; the run register does its work.
 */
export function testcontainers(): Promise<typeof import('testcontainers')> {
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  return import('testcontainers');
}

/** Looks for the engine as testcontainers does: DOCKER_HOST, the active context, the usual sockets. */
export async function findEngine(): Promise<Engine> {
  if (process.platform !== 'linux') {
    return {
      problem: `on ${process.platform} a container's host network is not this machine's, and Toxiproxy in it would not reach the gateway`,
      remedy: 'use --environment native',
    };
  }
  let client: ContainerRuntimeClient;
  try {
    client = await (await testcontainers()).getContainerRuntimeClient();
  } catch {
    return whyUnreachable();
  }
  const info = (await client.container.dockerode.info()) as { SecurityOptions?: string[] };
  const { operatingSystem, serverVersion } = client.info.containerRuntime;
  const elsewhere = (where: string, remedy: string) => ({
    problem: `the engine runs ${where}: its host network is not this machine's`,
    remedy: `${remedy}, or use --environment native`,
  });
  const { DOCKER_HOST } = process.env;
  if (DOCKER_HOST && !DOCKER_HOST.startsWith('unix:')) return elsewhere(`at ${DOCKER_HOST}`, 'unset DOCKER_HOST');
  if (operatingSystem === 'Docker Desktop') {
    return elsewhere(
      'in the virtual machine of Docker Desktop',
      'choose the engine of this machine: docker context use default',
    );
  }
  if (info.SecurityOptions?.some((option) => option.includes('rootless'))) {
    return elsewhere(
      'rootless, in a network namespace of its own',
      'choose the engine of this machine: docker context use default',
    );
  }
  return { client, version: String(serverVersion) };
}

function whyUnreachable(): { problem: string; remedy: string } {
  const { DOCKER_HOST } = process.env;
  if (DOCKER_HOST)
    return { problem: `no container engine answers at ${DOCKER_HOST} (DOCKER_HOST)`, remedy: 'unset DOCKER_HOST' };
  if (existsSync('/var/run/docker.sock') && process.getuid?.() !== 0) {
    return {
      problem: 'the container engine at /var/run/docker.sock does not answer, or this user may not use it',
      remedy: 'sudo usermod -aG docker $USER, then log in again',
    };
  }
  const installed = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'].some(existsSync);
  if (!installed) return { problem: 'no container engine is installed', remedy: 'sudo apt-get install docker.io' };
  return {
    problem: 'a container engine is installed, and does not run',
    remedy: existsSync('/run/systemd/system')
      ? 'sudo systemctl start docker'
      : 'sudo sh -c "dockerd >/tmp/dockerd.log 2>&1 &"',
  };
}
