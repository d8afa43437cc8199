import { defineTexts } from '../../lib/language.ts';

export const texts = defineTexts(
  {
    access: 'With the end of the access log',
    accessHint: 'It names people and the places they went to.',
    adminOnly: 'Only an admin can download these.',
    again: 'The passphrase again',
    backup: 'Backup',
    backupDone: (size: string) => `The backup is downloaded (${size})`,
    backupText:
      'Everything that makes this gateway what it is, in one encrypted file: configuration, accounts, authority, keys, lists. Events and quarantined files are not in it.',
    bundle: 'Support bundle',
    bundleDone: (size: string) => `The bundle is downloaded (${size})`,
    bundleText:
      'For whoever helps you: health, settings, application log and audit, without passwords, tokens and keys. Look into it before you send it.',
    download: 'Download',
    indicators: 'With imported lists',
    indicatorsHint: 'They may be large. Lists that are subscribed to are fetched again after a restore.',
    lead: 'Take along what you need when a machine is lost, or when somebody helps.',
    passphrase: 'Passphrase',
    passphraseHint: 'At least 12 characters. Without it nobody opens the file, and it is kept nowhere.',
    restore: 'Bringing a backup back',
    restoreText:
      'A restore exchanges all data, so it runs on the machine itself, while the gateway is stopped. What was there before is kept in before-restore. Whoever was signed in to the console signs in anew.',
    slow: 'It may take some minutes until the download begins.',
  },
  {
    access: 'Mit dem Ende des Zugriffsprotokolls',
    accessHint: 'Es nennt Personen und die Orte, die sie besucht haben.',
    adminOnly: 'Nur die Rolle Admin kann sie herunterladen.',
    again: 'Die Passphrase noch einmal',
    backup: 'Sicherung',
    backupDone: (size) => `Die Sicherung ist heruntergeladen (${size})`,
    backupText:
      'Alles, was dieses Gateway ausmacht, in einer verschlüsselten Datei: Konfiguration, Konten, Zertifizierungsstelle, Schlüssel, Listen. Ereignisse und Dateien der Quarantäne sind nicht darin.',
    bundle: 'Paket für die Hilfe',
    bundleDone: (size) => `Das Paket ist heruntergeladen (${size})`,
    bundleText:
      'Für alle, die Ihnen helfen: Zustand, Einstellungen, Anwendungsprotokoll und Audit, ohne Passwörter, Token und Schlüssel. Sehen Sie hinein, bevor Sie es senden.',
    download: 'Herunterladen',
    indicators: 'Mit importierten Listen',
    indicatorsHint: 'Sie können groß sein. Abonnierte Listen werden nach einer Wiederherstellung neu geholt.',
    lead: 'Was Sie brauchen, wenn eine Maschine verloren geht oder jemand hilft.',
    passphrase: 'Passphrase',
    passphraseHint:
      'Mindestens 12 Zeichen. Ohne sie öffnet niemand die Datei, und sie wird nirgends aufbewahrt.',
    restore: 'Eine Sicherung zurückholen',
    restoreText:
      'Eine Wiederherstellung tauscht alle Daten aus; sie läuft deshalb auf der Maschine selbst, während das Gateway steht. Was vorher da war, bleibt in before-restore. Wer an der Konsole angemeldet war, meldet sich neu an.',
    slow: 'Es kann einige Minuten dauern, bis das Herunterladen beginnt.',
  },
);
