// Writes a PDF of one page, with XMP packets: that of the document, and others beside it.
import { deflateSync } from 'node:zlib';

export interface PdfParts {
  readonly text: string;
  /** The packet that the catalog names. */
  readonly xmp?: string;
  /** Of something inside, such as a picture. */
  readonly other?: string;
  readonly deflate?: boolean;
  /** The catalog does not name the packet, as a reader sees it that cannot open compressed objects. */
  readonly hidden?: boolean;
}

export function writePdf({ text, xmp, other, deflate = false, hidden = false }: PdfParts): Buffer {
  const lines = text.match(/.{1,80}(?:\s|$)/g) ?? [];
  const page = lines.map((line, i) => `BT /F1 10 Tf 50 ${740 - 14 * i} Td (${line.trim()}) Tj ET`).join('\n');
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R${xmp !== undefined && !hidden ? ' /Metadata 6 0 R' : ''} >>`,
    '<< /Type /Pages /Kids [4 0 R] /Count 1 >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>',
    `<< /Length ${page.length} >>\nstream\n${page}\nendstream`,
    packetObject(xmp, deflate),
    packetObject(other, deflate),
  ];
  let pdf = '%PDF-1.7\n';
  const offsets = objects.map((object, i) => {
    const offset = pdf.length;
    pdf += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = pdf.length;
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF`;
  return Buffer.from(pdf, 'latin1');
}

function packetObject(packet: string | undefined, deflate: boolean): string {
  if (packet === undefined) return 'null';
  const plain = Buffer.from(packet);
  const data = (deflate ? deflateSync(plain) : plain).toString('latin1');
  const filter = deflate ? ' /Filter /FlateDecode' : '';
  return `<< /Type /Metadata /Subtype /XML${filter} /Length ${data.length} >>\nstream\n${data}\nendstream`;
}

/** @param description attributes and content of the packet's one description */
export function xmpPacket(attributes: string, content = ''): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ${attributes}>${content}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`;
}
