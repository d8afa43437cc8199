/** Disk images, file systems and packages as the programs of their formats write them. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { missingPeer, type PeerName, peerPath } from '../../../test/support/peers.ts';
import { type Scope, scopeOf, tempDir } from '../../../test/support/scope.ts';
import { unpacked } from '../../../test/support/unpack.ts';

const TEXT = Buffer.from(Array.from({ length: 4000 }, (_, at) => `line ${at * at}\n`).join(''));
const WANTED = TEXT.toString('latin1').slice(0, 10_000);
const MEBI = 1 << 20;

/** A folder `in` with `a.txt`, and a way to run programs beside it. */
interface Bench {
  readonly dir: string;
  run(command: PeerName, ...words: readonly string[]): void;
  made(name: string): Promise<Buffer>;
}

async function benchOf(scope: Scope): Promise<Bench> {
  const dir = await tempDir(scope, 'images');
  await mkdir(join(dir, 'in'));
  await writeFile(join(dir, 'in', 'a.txt'), TEXT);
  return {
    dir,
    run: (command, ...words) => void execFileSync(peerPath(command), words, { cwd: dir, stdio: 'pipe' }),
    made: (name) => readFile(join(dir, name)),
  };
}

async function ext4(bench: Bench): Promise<Buffer> {
  await writeFile(join(bench.dir, 'a.ext4'), Buffer.alloc(4 * MEBI));
  bench.run('mke2fs', '-q', '-t', 'ext4', '-d', 'in', 'a.ext4');
  return bench.made('a.ext4');
}

/** The volume of HFS+ out of a disc that has both. */
async function hfsPlus(bench: Bench): Promise<Buffer> {
  bench.run('xorriso', '-as', 'mkisofs', '-quiet', '-hfsplus', '-o', 'a.iso', 'in');
  const disc = await bench.made('a.iso');
  for (let at = 512; at < 8192; at += 512) {
    if (disc.toString('latin1', at + 48, at + 57) !== 'Apple_HFS') continue;
    const [first, sectors] = [disc.readUInt32BE(at + 8), disc.readUInt32BE(at + 12)];
    return disc.subarray(first * 512, (first + sectors) * 512);
  }
  throw new Error('the disc has no volume of HFS+');
}

async function converted(bench: Bench, disk: Buffer, ...words: readonly string[]): Promise<Buffer> {
  await writeFile(join(bench.dir, 'a.disk'), disk);
  bench.run('qemu-img', 'convert', '-f', 'raw', ...words, 'a.disk', 'a.image');
  return bench.made('a.image');
}

const squash = (packing: string) => async (bench: Bench) => {
  bench.run('mksquashfs', 'in', 'a.squashfs', '-quiet', '-no-progress', '-comp', packing);
  return bench.made('a.squashfs');
};

const packageOf = (payload: string) => async (bench: Bench) => {
  const spec = `Name: a
Version: 1
Release: 1
Summary: a
License: MIT
BuildArch: noarch
%description
a
%install
mkdir -p %{buildroot}/opt
cp ${bench.dir}/in/a.txt %{buildroot}/opt
%files
/opt/a.txt
`;
  await writeFile(join(bench.dir, 'a.spec'), spec);
  const top = ['--define', `_topdir ${bench.dir}`, '--define', `_binary_payload ${payload}`];
  bench.run('rpmbuild', '--quiet', '-bb', ...top, 'a.spec');
  return bench.made('RPMS/noarch/a-1-1.noarch.rpm');
};

/** A disk image of macOS with one volume: packed blocks, a list of them in XML, and a trailer. */
function dmgOf(volume: Buffer): Buffer {
  const sectors = volume.length / 512;
  const packed = deflateSync(volume);
  const blocks = Buffer.alloc(204 + 2 * 40);
  blocks.write('mish');
  blocks.writeUInt32BE(1, 4);
  blocks.writeBigUInt64BE(BigInt(sectors), 16);
  blocks.writeUInt32BE(sectors + 4, 32);
  blocks.writeUInt32BE(2, 64);
  blocks.writeUInt32BE(32, 68);
  blocks.writeUInt32BE(crc32(volume), 72);
  blocks.writeUInt32BE(2, 200);
  blocks.writeUInt32BE(0x8000_0005, 204);
  blocks.writeBigUInt64BE(BigInt(sectors), 220);
  blocks.writeBigUInt64BE(BigInt(packed.length), 236);
  blocks.writeUInt32BE(0xffff_ffff, 244);
  blocks.writeBigUInt64BE(BigInt(sectors), 252);
  const item = `<dict><key>Attributes</key><string>0x0050</string><key>Data</key><data>${blocks.toString('base64')}</data><key>ID</key><string>0</string><key>Name</key><string>whole disk (Apple_HFS : 0)</string></dict>`;
  const list = Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>resource-fork</key><dict><key>blkx</key><array>${item}</array></dict></dict></plist>\n`,
  );
  const trailer = Buffer.alloc(512);
  trailer.write('koly');
  trailer.writeUInt32BE(4, 4);
  trailer.writeUInt32BE(512, 8);
  trailer.writeUInt32BE(1, 12);
  trailer.writeBigUInt64BE(BigInt(packed.length), 32);
  trailer.writeUInt32BE(1, 56);
  trailer.writeUInt32BE(1, 60);
  trailer.writeBigUInt64BE(BigInt(packed.length), 216);
  trailer.writeBigUInt64BE(BigInt(list.length), 224);
  trailer.writeUInt32BE(1, 488);
  trailer.writeBigUInt64BE(BigInt(sectors), 492);
  return Buffer.concat([packed, list, trailer]);
}

interface Made {
  readonly type: string;
  readonly by: readonly PeerName[];
  make(bench: Bench): Promise<Buffer>;
}

const IMAGES: Readonly<Record<string, Made>> = {
  'SquashFS, gzip': { type: 'squashfs', by: ['mksquashfs'], make: squash('gzip') },
  'SquashFS, xz': { type: 'squashfs', by: ['mksquashfs'], make: squash('xz') },
  'SquashFS, zstd': { type: 'squashfs', by: ['mksquashfs'], make: squash('zstd') },
  'SquashFS, lzo': { type: 'squashfs', by: ['mksquashfs'], make: squash('lzo') },
  'RPM, gzip': { type: 'rpm', by: ['rpmbuild'], make: packageOf('w9.gzdio') },
  'RPM, xz': { type: 'rpm', by: ['rpmbuild'], make: packageOf('w6.xzdio') },
  'RPM, zstd': { type: 'rpm', by: ['rpmbuild'], make: packageOf('w19.zstdio') },
  ext4: { type: 'disk', by: ['mke2fs'], make: ext4 },
  'HFS+': { type: 'disk', by: ['xorriso'], make: hfsPlus },
  'DMG with HFS+': { type: 'dmg', by: ['xorriso'], make: async (bench) => dmgOf(await hfsPlus(bench)) },
  'DMG with ext4': { type: 'dmg', by: ['mke2fs'], make: async (bench) => dmgOf(await ext4(bench)) },
  'disc of Joliet and Rock Ridge': {
    type: 'iso',
    by: ['xorriso'],
    async make(bench) {
      bench.run('xorriso', '-as', 'mkisofs', '-quiet', '-J', '-R', '-o', 'a.iso', 'in');
      return bench.made('a.iso');
    },
  },
  'disc of UDF beside ISO 9660': {
    type: 'iso',
    by: ['genisoimage'],
    async make(bench) {
      // ISO 9660 is told that the disc is empty: only UDF has the file.
      bench.run('genisoimage', '-quiet', '-udf', '-hide', 'a.txt', '-o', 'a.iso', 'in');
      return bench.made('a.iso');
    },
  },
  'disc of HFS+ beside ISO 9660': {
    type: 'iso',
    by: ['xorriso'],
    async make(bench) {
      bench.run('xorriso', '-as', 'mkisofs', '-quiet', '-hfsplus', '-hide', 'a.txt', '-o', 'a.iso', 'in');
      return bench.made('a.iso');
    },
  },
  'disc whose Joliet hides a file': {
    type: 'iso',
    by: ['xorriso'],
    async make(bench) {
      bench.run('xorriso', '-as', 'mkisofs', '-quiet', '-J', '-hide-joliet', 'a.txt', '-o', 'a.iso', 'in');
      return bench.made('a.iso');
    },
  },
  'disc of which only Joliet has a file': {
    type: 'iso',
    by: ['xorriso'],
    async make(bench) {
      bench.run('xorriso', '-as', 'mkisofs', '-quiet', '-J', '-hide', 'a.txt', '-o', 'a.iso', 'in');
      return bench.made('a.iso');
    },
  },
  ...Object.fromEntries(
    ['vdi', 'qcow2', 'vmdk', 'vhdx', 'vpc'].map((format) => [
      `${format} with ext4`,
      {
        type: format === 'vpc' ? 'vhd' : format,
        by: ['qemu-img', 'mke2fs'],
        make: async (bench: Bench) => converted(bench, await ext4(bench), '-O', format),
      } satisfies Made,
    ]),
  ),
  'packed qcow2 with HFS+': {
    type: 'qcow2',
    by: ['qemu-img', 'xorriso'],
    make: async (bench) => converted(bench, await hfsPlus(bench), '-c', '-O', 'qcow2'),
  },
};

for (const [name, { type, by, make }] of Object.entries(IMAGES)) {
  test(`${name}: a file in it is found`, { skip: missingPeer(...by) }, async (t: TestContext) => {
    const image = await make(await benchOf(scopeOf(t)));
    const { files, types, troubles, details, paths } = await unpacked(image, { wholeMax: 64 * MEBI });
    assert.deepEqual(troubles, [], details.join());
    assert.ok(Object.values(files).includes(WANTED), `${type}: ${paths.join()}`);
    assert.ok(Object.values(types).includes('text'));
  });
}

test('what is not opened in an image is told', { skip: missingPeer('mksquashfs') }, async (t) => {
  const image = await squash('lz4')(await benchOf(scopeOf(t)));
  assert.deepEqual((await unpacked(image)).troubles, ['unsupported']);
  const classic = Buffer.alloc(8192);
  classic.write('BD', 1024);
  classic.writeUInt16BE(12, 1024 + 18);
  classic.writeUInt32BE(512, 1024 + 20);
  classic.write('\u{3}vol', 1024 + 36);
  assert.deepEqual((await unpacked(classic)).troubles, ['unsupported']);
  assert.deepEqual((await unpacked(dmgOf(classic))).troubles, ['unsupported 0.hfs']);
});
