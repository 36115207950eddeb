import type { Link } from '../../store/chain.ts'
import type { SignatureFile } from './signatureFile.ts'

/** What vouches for a repomd.xml, and the signature that was read for that. */
export type Proof = { link: Link; signature: SignatureFile | undefined }
