/** What a SAML provider's metadata say of it; null where the text is none. */
export function readSamlMetadata(xml: string): { entryPoint: string; idpIssuer: string; certificate: string } | null {
  const document = new DOMParser().parseFromString(xml, 'application/xml');
  if (document.querySelector('parsererror')) return null;
  const all = (name: string) => [...document.getElementsByTagNameNS('*', name)];
  const entity = all('EntityDescriptor')[0];
  const services = all('SingleSignOnService');
  const service = services.find((one) => one.getAttribute('Binding')?.endsWith(':HTTP-Redirect')) ?? services[0];
  const signing = all('KeyDescriptor').filter((one) => (one.getAttribute('use') ?? 'signing') === 'signing');
  const certificates = signing.flatMap((one) =>
    [...one.getElementsByTagNameNS('*', 'X509Certificate')].map((node) => (node.textContent ?? '').replace(/\s/g, '')),
  );
  const idpIssuer = entity?.getAttribute('entityID');
  const entryPoint = service?.getAttribute('Location');
  if (!idpIssuer || !entryPoint || certificates.length === 0) return null;
  return { idpIssuer, entryPoint, certificate: certificates.map(asPem).join('\n') };
}

const asPem = (base64: string) =>
  `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n') ?? ''}\n-----END CERTIFICATE-----`;
