/** Where sites have their users sign in: what is sent there reaches nobody else. By host, with all below it. */
const IDENTITY_PROVIDERS = [
  'accounts.google.com',
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.live.com',
  'appleid.apple.com',
  'okta.com',
  'okta-emea.com',
  'auth0.com',
  'onelogin.com',
  'pingone.com',
  'pingone.eu',
  'duosecurity.com',
  'login.salesforce.com',
  'login.yahoo.com',
  'signin.aws.amazon.com',
];

export function isIdentityProvider(host: string): boolean {
  return IDENTITY_PROVIDERS.some((each) => host === each || host.endsWith(`.${each}`));
}

/** Names of brands that are products which houses run under domains of their own: their names alone say little. */
const INSTALLED_PRODUCTS: ReadonlySet<string> = new Set([
  'webmail',
  'outlook',
  'zimbra',
  'wordpress',
  'gitlab',
]);

export function isInstalledProduct(brand: string): boolean {
  return INSTALLED_PRODUCTS.has(brand);
}
