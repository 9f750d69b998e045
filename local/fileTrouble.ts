/** What the machine refused of a file, as a sentence for the user; null for anything else. */
export function fileTrouble(error: unknown, home: string): string | null {
  const { code, path, message } = error as NodeJS.ErrnoException;
  const inHome = path === undefined || path === home || path.startsWith(`${home}/`);
  const orElsewhere = inHome ? ', or choose another home with TANDEM_HOME' : '';
  switch (code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `This user may not work in ${inHome ? home : path} (${message}): hand it over with \`chown -R\`${orElsewhere}.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no room left on the disk of ${inHome ? home : path} (${message}): make some${orElsewhere}.`;
    default:
      return null;
  }
}
