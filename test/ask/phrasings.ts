/** A question as somebody may type it, and the runbooks that answer it, one for each clause. */
export interface Phrasing {
  readonly text: string;
  readonly want: readonly string[];
}

function all(runbook: string, texts: readonly string[]): Phrasing[] {
  return texts.map((text) => ({ text, want: [runbook] }));
}

/** One thing asked, all words as the dictionary has them. */
export const plain: readonly Phrasing[] = [
  ...all('sre/triage', [
    'how healthy is this box',
    'something feels off on this server, can you take a look',
    'is the host in good shape?',
    'run a triage',
    'general health of the system please',
    'any problems on this machine right now',
    'what needs my attention first?',
    'is everything ok',
    "give me an overview of this server's state",
    'do a full check up of the host',
    'are there any issues I ought to know about',
  ]),
  ...all('sre/disk', [
    'which directory is using up all the storage',
    'df',
    'how much disk do we have left',
    'is the root filesystem nearly full',
    'where did all my disk space go',
    'free space on the data volume?',
    'what are the biggest directories under /var/lib',
    'disk usage please',
    'am I about to run out of disk',
    'inode usage per file system',
    'why is the partition full',
    'show me what takes up space in /srv',
  ]),
  ...all('sre/logs', [
    'any new error messages in the log files',
    'summarise the logs',
    'did something strange show up in the journal today',
    'which errors appeared in the last 2 hours',
    'is there a burst of warnings',
    'what do the log files say',
    'look through syslog for errors',
    'has anything unusual been logged overnight',
    'are we logging more errors than yesterday',
    'show recent log messages',
    'what kind of warnings do we get in the logs',
  ]),
  ...all('sre/processes', [
    'who is eating all the memory',
    'top processes by RAM',
    'did the OOM killer strike',
    'cpu usage by process',
    'is the box swapping',
    'why is everything so slow on this machine',
    'what load average do we see',
    'which program hogs the CPU',
    'how much memory is free',
    'are there any zombies',
    'is RAM running low',
    'were any processes killed because memory was short',
  ]),
  ...all('net/connections', [
    'what is listening on this host',
    'how many open sockets do we have',
    'show me all tcp connections',
  ]),
  ...all('net/names', ['are DNS lookups failing', 'which DNS server is used for resolving names']),
  ...all('net/latency', [
    'how high is packet loss',
    'ping time to the gateway',
    'how slow is our network link',
  ]),
  ...all('net/certificates', [
    'is any TLS certificate about to expire',
    'until when is our certificate valid',
  ]),
  ...all('db/queries', [
    'what are the slow SQL queries',
    'which statements keep the database busy',
  ]),
  ...all('db/locks', [
    'who is blocking whom in the database',
    'any deadlocks between transactions',
  ]),
  ...all('db/backup', [
    'is there a recent backup',
    'when did we last take a backup',
    'could we restore from the last backup',
  ]),
  ...all('db/replication', [
    'what is the replication lag',
    'does the standby keep up with the primary',
  ]),
  ...all('web/errors', ['do visitors get 500 errors', 'which pages of the site fail with a 404']),
  ...all('web/traffic', ['how many visitors came today', 'requests per second on the site']),
  ...all('cluster/pods', ['pods in crash loop', 'why does my container keep restarting']),
  ...all('cluster/nodes', [
    'is any node of the cluster not ready',
    'which kubelet versions are there',
  ]),
  ...all('sec/logins', [
    'list failed ssh logins',
    'who signed in yesterday',
    'which user ran sudo last',
  ]),
  ...all('sec/updates', ['do we miss any security patches', 'any CVE that affects us']),
  ...all('sec/accounts', ['which accounts have root rights', 'who is in the admin group here']),
  ...all('ops/units', ['which systemd units failed', 'is nginx running as a service']),
  ...all('ops/clock', ['is the system clock in sync', 'what time zone does this host use']),
  ...all('ops/restart', ['restart the nginx service', 'bounce nginx please']),
  ...all('ops/tidy', ['clean the tmp folder', 'remove stale temporary files']),
  ...all('ops/report', [
    'export a report on the health of this host',
    'save a summary report of this host',
  ]),
];

/** The same with the errors of a hurried hand. */
export const mistyped: readonly Phrasing[] = [
  ...all('sre/triage', [
    'is evrything allright with teh server',
    'helth check of this machin pls',
    'whats wrng with this host',
    'triaje this box',
  ]),
  ...all('sre/disk', [
    'how mutch dsik space is left',
    'wich folders are the bigest',
    'disc is ful?',
    'is teh disk fillng up again',
    'free spcae on this mashine',
  ]),
  ...all('sre/logs', [
    'any erors in the lgos',
    'new waring messages in sylog',
    'anyting unusal in the jurnal',
    'wat changed in teh log fiels',
    'burst of log mesages?',
  ]),
  ...all('sre/processes', [
    'wich proces uses most memmory',
    'is the machne runing out of ram',
    'waht eats the cpu',
    'are ther zombi processes',
    'memory presure?',
    'was somthing kiled for lack of memry',
  ]),
  ...all('net/certificates', ['which certificats exipre next month']),
  ...all('db/backup', ['was the lst bakup ok']),
  ...all('db/replication', ['replicaton dely of the standby']),
  ...all('sec/logins', ['faild logins over shh']),
];

/** Two things asked at once. */
export const double: readonly Phrasing[] = [
  {
    text: 'is a disk full and are there new errors in the log files?',
    want: ['sre/disk', 'sre/logs'],
  },
  {
    text: 'which folders are biggest, and who uses the most memory',
    want: ['sre/disk', 'sre/processes'],
  },
  {
    text: 'check memory usage; then look at the log files for errors',
    want: ['sre/processes', 'sre/logs'],
  },
  {
    text: 'Do we have enough free disk space? Are any pods crashing?',
    want: ['sre/disk', 'cluster/pods'],
  },
  { text: 'show failed logins and open connections', want: ['sec/logins', 'net/connections'] },
  { text: 'any zombie processes and is the clock in sync', want: ['sre/processes', 'ops/clock'] },
  {
    text: 'how full did the file systems get, and is there a recent backup',
    want: ['sre/disk', 'db/backup'],
  },
  {
    text: 'How high is the load? Which new errors do the logs show?',
    want: ['sre/processes', 'sre/logs'],
  },
  { text: 'do we have slow queries or blocked transactions', want: ['db/queries', 'db/locks'] },
  {
    text: 'is the certificate still valid and does DNS work',
    want: ['net/certificates', 'net/names'],
  },
  {
    text: 'which services failed and what did they log in the journal',
    want: ['ops/units', 'sre/logs'],
  },
  {
    text: 'do we lack security updates, and which users have root rights',
    want: ['sec/updates', 'sec/accounts'],
  },
  { text: 'free memory and free disk space', want: ['sre/processes', 'sre/disk'] },
  {
    text: 'how much does replication lag; is the last backup complete',
    want: ['db/replication', 'db/backup'],
  },
  {
    text: 'did the oom killer run and is the disk nearly full',
    want: ['sre/processes', 'sre/disk'],
  },
  {
    text: 'packet loss on the network and http 500 errors for visitors',
    want: ['net/latency', 'web/errors'],
  },
  {
    text: 'show the biggest directories, then unusual log messages',
    want: ['sre/disk', 'sre/logs'],
  },
  {
    text: 'are all nodes of the cluster ready and are there evicted pods',
    want: ['cluster/nodes', 'cluster/pods'],
  },
  {
    text: 'who logged in today? what is listening on the network?',
    want: ['sec/logins', 'net/connections'],
  },
  { text: 'restart nginx and show me the http errors', want: ['ops/restart', 'web/errors'] },
  { text: 'cpu load and inode usage', want: ['sre/processes', 'sre/disk'] },
  {
    text: 'tell me about swap usage, also about bursts in syslog',
    want: ['sre/processes', 'sre/logs'],
  },
];
