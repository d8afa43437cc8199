/** What a host is let for. Lists are our own, written from what the providers say of themselves. */
export type Hosting = 'pages' | 'shortener' | 'dynamic' | 'tunnel' | 'files';

const KINDS: Readonly<Record<Hosting, string>> = {
  // Anybody gets a name and a page below these without showing who they are.
  pages: `000webhostapp.com 16mb.com 3dcartstores.com 8b.io appspot.com awardspace.info azurewebsites.net
    azurestaticapps.net azureedge.net backendless.app bitbucket.io blob.core.windows.net blogspot.com
    bubbleapps.io byethost.com byet.org carrd.co cloudaccess.host cloudfront.net codesandbox.io
    cprapid.com cpanel.site csb.app daftpage.com deno.dev edgeone.app edgeone.dev editorx.io epizy.com
    firebaseapp.com fleek.cool fleek.co flywheelsites.com fly.dev framer.ai framer.app framer.media framer.website
    freehosting.com freewebhostmost.com freshdesk.com ghost.io gitbook.io github.io gitlab.io glitch.me godaddysites.com
    googleapis.com herokuapp.com hostingerapp.com hostingersite.com hstn.me hubspotpagebuilder.com hyperphp.com
    ipfs.dweb.link dweb.link ipfs.io jimdofree.com jimdosite.com joomla.com kinsta.app kintera.app lhr.life
    linodeobjects.com lovable.app mobirisesite.com my-board.org my.canva.site canva.site mybluehost.me mypixieset.com
    myshopify.com mystrikingly.com mysitelist.com mywebsites360.com netlify.app netlify.com notion.site onrender.com
    oraclecloud.com pages.dev pantheonsite.io plesk.page preview.app prohost.icu pythonanywhere.com
    r2.dev railway.app render.com repl.co replit.app replit.dev rf.gd ryanhost.net s3.amazonaws.com sharepoint.com
    site123.me site44.com sites.google.com softr.app square.site squarespace.com streamlit.app strikingly.com
    surge.sh systeme.io teachable.com tempurl.host temporary.site tilda.ws typedream.app typedream.com
    ucraft.site ucoz.net ukit.me unaux.com uwu.ai vercel.app wasmer.app web.app web.core.windows.net
    webadorsite.com webcindario.com webflow.io webnode.page webwave.dev weebly.com weeblysite.com wixsite.com
    wixstudio.com wixstudio.io wordpress.com workers.dev wpengine.com wpenginepowered.com wpcomstaging.com
    xsph.ru yolasite.com zapier.app zyrosite.com`,
  shortener: `2u.pw 3.ly adf.ly amzn.to b.link bit.do bit.ly bitly.com bitly.ws buff.ly cl.ly clck.ru cli.re
    cutt.ly dlvr.it e.vg fb.me goo.gl goo.su grabify.link ht.ly hyperurl.co i8.ae ift.tt is.gd iplogger.org
    j.mp kutt.it l.ead.me linktr.ee lnkd.in lnk.bio me2.kr n9.cl ow.ly po.st q-r.to qr.ae qrco.de rb.gy rebrand.ly
    reurl.cc rplg.co s.id s.coop scnv.io shorte.st short.gy short.io shorturl.asia shorturl.at snip.ly soo.gd
    spoo.me surl.li t.co t.ly t2m.io tiny.cc tiny.one tinyurl.com tny.im trib.al u.to urlz.fr urls.fr v.gd
    v.ht vk.cc wa.link wp.me x.co xurl.es y2u.be yourls.org youtu.be zpr.io zws.im`,
  dynamic: `3utilities.com accesscam.org afraid.org blogdns.com bounceme.net camdvr.org casacam.net changeip.com
    cloudns.cc cloudns.cl cloudns.nz ddns.me ddns.net ddnsfree.com ddnsgeek.com ddnsking.com ddns.info dnsabr.com
    dns.army dns.navy dnsalias.com dnsdojo.com dnsdynamic.org dnsupdate.info dnset.com duckdns.org dumb1.com dvrlists.com
    dyn.dns.he.net dynamic-dns.net dyndns.org dyndns.biz dyndns.info dynu.com dynu.net dynv6.net
    easydns.com eating-organic.net feste-ip.net freeddns.org freedns.org freemyip.com from-ca.com giize.com gleeze.com
    gotdns.ch goip.de homelinux.com homeip.net hopto.me hopto.org homedns.org iownyour.org is-a-geek.com jumpingcrab.com
    kozow.com linkpc.net loseyourip.com mefound.com mooo.com mrbasic.com my-firewall.org myddns.me myddns.rocks
    mydns.jp myds.me myftp.biz myftp.org mynetav.net myq-see.com mywire.org no-ip.biz no-ip.info no-ip.org noip.me
    noip.us nsupdate.info ns01.info ns02.info now-dns.com now-dns.net ooguy.com onthewifi.com otzo.com ownip.net
    point2this.com publicvm.com redirectme.net run.place sells-it.net selfip.com selfip.net serveblog.net servebeer.com
    servecounterstrike.com serveftp.com servegame.com servehalflife.com servehttp.com serveirc.com serveminecraft.net
    servemp3.com servepics.com servequake.com strangled.net sytes.net theworkpc.com twilightparadox.com us.to
    webhop.me webredirect.org work.gd x24hr.com ydns.eu zapto.org zzux.com`,
  tunnel: `bore.pub cpolar.cn cpolar.io cpolar.top devtunnels.ms localhost.run loca.lt localtonet.com loclx.io
    localto.net lhr.pro ngrok.app ngrok.dev ngrok.io ngrok-free.app ngrok-free.dev packetriot.net pagekite.me
    pinggy.io pinggy.link ply.gg playit.gg portmap.host portmap.io serveo.net telebit.io trycloudflare.com tunnel.pyjam.as
    tunnelmole.net vicp.fun vicp.net`,
  files: `4shared.com anonfiles.com archive.org bayfiles.com bitbucket.org box.com catbox.moe cdn.discordapp.com
    cdn.discord.com controlc.com dl.dropboxusercontent.com docs.google.com dropbox.com drive.google.com
    file.io filebin.net filemail.com filetransfer.io gist.githubusercontent.com gofile.io hastebin.com ibb.co
    raw.githubusercontent.com media.discordapp.net mediafire.com mega.nz onedrive.live.com 1drv.ms oshi.at paste.ee pastebin.com pixeldrain.com
    rentry.co rentry.org sendspace.com sourceforge.net swisstransfer.com telegra.ph temp.sh
    tmpfiles.org transfer.sh uguu.se upload.ee wetransfer.com workupload.com`,
};

const HOSTING: ReadonlyMap<string, Hosting> = new Map(
  (Object.keys(KINDS) as Hosting[]).flatMap((kind) =>
    KINDS[kind]
      .split(/\s+/)
      .filter(Boolean)
      .map((name) => [name, kind] as const),
  ),
);

/** What the host, or a name above it, is let for. */
export function hostingOf(host: string): Hosting | undefined {
  for (let at = 0; ;) {
    const kind = HOSTING.get(at === 0 ? host : host.slice(at));
    if (kind !== undefined) return kind;
    const dot = host.indexOf('.', at);
    if (dot < 0) return undefined;
    at = dot + 1;
  }
}
