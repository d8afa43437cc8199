/**
 * Names that pages pretend to be, each with domains of its owner; written by us from general knowledge. A line is the
 * name as it stands in a host, then domains; `name.com` is its own without being said.
 */
export const BRAND_LINES = `
1and1 ionos.com
abnamro abnamro.nl
absa absa.co.za
adidas
adobe adobelogin.com
aeon aeon.co.jp aeoncard.co.jp aeon.info
airbnb
akbank akbank.com.tr
aliexpress
alibaba
allegro allegro.pl
alphabank alpha.gr
amazon amazon.co.jp amazon.co.uk amazon.de amazonaws.com media-amazon.com amazontrust.com
americanexpress aexp.com
ameli ameli.fr
anydesk
apple icloud.com appleid.com
argenta argenta.be
arbitrum arbitrum.io
aruba aruba.it
att
aucard
autoscout24
bancoestado bancoestado.cl
bancolombia
bancomer bbva.mx
bankia
bankinter
bankofamerica bofa.com
barclays barclays.co.uk
bbva
belfius belfius.be
binance
bitfinex
bitflyer
bitpanda
blockchain
bnpparibas bnpparibas.net
bnp
booking
bpost bpost.be bpost.cloud
bradesco bradesco.com.br
bybit
caixabank caixabank.es
canadapost canadapost.ca
capitalone
cartabcc
cdiscount
chase
cibc
citibank citi.com
coinbase
coinmarketcap
colissimo laposte.fr
commbank commbank.com.au
commerzbank commerzbank.de
correos correos.es
costco
creditagricole credit-agricole.fr
crypto
ctt ctt.pt
cryptocom crypto.com
dapp
dbs dbs.com.sg
deutschebank deutsche-bank.de
deutschepost deutschepost.de
dexscreener
dhl dhl.de
discord discord.gg discordapp.com
disney disneyplus.com
docusign docusign.net
dpd dpd.de dpd.co.uk dpdgroup.com
dropbox
ebay ebay.de ebay.co.uk ebaystatic.com
edf edf.fr
emirates
eki-net
epicgames
etherscan etherscan.io
etherwallet myetherwallet.com
etsy
evri
exodus
facebook fb.com fbcdn.net
faceit
fedex
fidelity
fnac
fortnite epicgames.com
galxe
garanti garantibbva.com.tr
gemini
github githubusercontent.com github.io
gitlab
gls gls-group.eu
gmail google.com
gmx gmx.net gmx.de
godaddy
google googleapis.com gstatic.com google.de google.co.jp google.co.uk googleusercontent.com
govuk gov.uk
halifax halifax.co.uk
hermes myhermes.co.uk
hotmail live.com
hsbc hsbc.co.uk
huntington
hyperliquid hyperliquid.xyz
icloud
ikea
impots impots.gouv.fr
infinity
ing ing.nl ing.de ing.be
instagram cdninstagram.com
interac interac.ca
intesasanpaolo
intuit
itau itau.com.br
jcb jcb.co.jp
jpmorgan
jupiter jup.ag
kakao
kbc kbc.be
kaspersky
keybank
klarna
koronapay
kraken
kucoin
labanquepostale labanquepostale.fr
laposte laposte.fr
lazada
ledger
leboncoin leboncoin.fr
linkedin licdn.com
lloyds lloydsbank.com
lloydsbank
magaluhome magazineluiza.com.br
magiceden magiceden.io
mailchimp
manulife
mastercard
mbway mbway.pt
meituan
mercadolibre
mercadopago
mercari
meta facebook.com
metamask metamask.io
microsoft microsoftonline.com live.com office.com office365.com windows.com windows.net azure.com msn.com
migros migros.ch
mitsubishi mufg.jp
mizuho mizuhobank.co.jp
monzo
mufg bk.mufg.jp
myjcb myjcb.co.jp
n26
nationwide nationwide.co.uk
natwest
naver
navyfederal
netflix nflxext.com
nike
nintendo
nubank nubank.com.br
office365 office.com
office
okx
omniva omniva.ee
onedrive live.com
onlyfans
opensea opensea.io
orange orange.fr
orangebank
outlook live.com
pancakeswap pancakeswap.finance
paypal paypal.me paypalobjects.com
paypay paypay.ne.jp
payoneer
phantom phantom.app
pinterest pinimg.com
playstation
polymarket
posta
postbank postbank.de
posteitaliane poste.it
postepay poste.it
postfinance postfinance.ch
postnl postnl.nl
postnord postnord.se
proton proton.me
qonto
rabobank rabobank.nl
raiffeisen raiffeisen.ch
rakuten rakuten.co.jp
raydium raydium.io
rbc rbcroyalbank.com
regions
revolut
robinhood
roblox rbxcdn.com
royalmail
safepal
sagawa sagawa-exp.co.jp
salesforce force.com
samsung
santander santander.co.uk
saison saisoncard.co.jp
sberbank sberbank.ru
scotiabank
sendgrid
sfexpress sf-express.com
shopee
shopify myshopify.com
signal signal.org
skype
smbc smbc.co.jp smbc-card.com
societegenerale
solana
sparkasse sparkasse.de
spotify scdn.co
stargate
starbucks
steam steampowered.com steamcommunity.com
steamcommunity
steampowered
stripe
sumitomo smbc.co.jp
sunat
sunrise
swisscom swisscom.ch
swisspass
swisspost post.ch
talktalk
target
tdbank td.com
telegram telegram.org t.me
telekom telekom.de t-online.de
telstra telstra.com.au
temu
tesla
tether tether.to
ticketmaster
tiktok tiktokcdn.com
tmobile t-mobile.com
tonkeeper
toyota
trezor trezor.io
trustwallet
tronlink tronlink.org
twitch twitch.tv
twitter x.com twimg.com t.co
uber
ubs
unicredit unicredit.it
uniswap uniswap.org
ups
usaa
usbank
usps
venmo
verizon
viabcp
vinted
virginmedia
visa
vodafone
volksbank
vpass smbc-card.com
walletconnect walletconnect.org
walmart
webmail
wellsfargo
westernunion
whatsapp whatsapp.net wa.me
wise
wordpress wordpress.org wp.com
xfinity
xfinitymobile
yahoo yahoo.co.jp yimg.com
yamato kuronekoyamato.co.jp
kuronekoyamato
youtube youtu.be ytimg.com
zalando
zelle zellepay.com
zendesk
zimbra
ziraat ziraatbank.com.tr
zoom zoom.us
zkb
zksync zksync.io
`;
