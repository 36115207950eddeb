declare module 'seek-bzip' {
  const bzip2: { decode(input: Uint8Array, output?: undefined, multistream?: boolean): Uint8Array }
  export default bzip2
}
