declare module 'seek-bzip' {
  const bzip2: { decode(input: Uint8Array, output: { writeByte(byte: number): void }, multistream: boolean): void }
  export default bzip2
}
