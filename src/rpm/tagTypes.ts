/** What an entry of a header holds (rpm, include/rpm/rpmtypes.h); the number is the type's own in the file. */
export const type = {
  char: 1,
  int8: 2,
  int16: 3,
  int32: 4,
  int64: 5,
  string: 6,
  bin: 7,
  stringArray: 8,
  i18nString: 9,
} as const

/** Bytes of one item by type; undefined for texts, which end with a NUL, and for what is no type. */
export const itemBytes: readonly (number | undefined)[] = [undefined, 1, 1, 2, 4, 8, undefined, 1]

/** Whether a type is one of the three of texts, which rpm takes for one another. */
export function isText(found: number): boolean {
  return found === type.string || found === type.stringArray || found === type.i18nString
}

/**
 * The types of the known tags (rpm 6.0, include/rpm/rpmtag.h). rpm refuses a main header in which a known tag has
 * another (lib/header.c, hdrchkTagType); unknown tags may come.
 */
const known: [number, string][] = [
  [
    type.int32,
    `257 277 1003 1006 1008-1009 1028 1034 1037 1045-1046 1048 1051-1053 1068-1069 1080 1095-1096 1106 1112 1114 1116
     1119 1127-1129 1134 1140-1141 1143-1145 1158 1161 1195 5011 5017-5027 5032-5033 5037 5045 5048 5051 5054 5057 5068
     5070 5072 5078 5080 5082 5084-5085 5091 5093 5107-5108 5114-5115 5119`,
  ],
  [type.bin, '259 261-262 267-268 1012-1013 1043 1146'],
  [
    type.string,
    `100 266 269 273 276 278-279 1000-1002 1004-1005 1007 1010-1011 1014-1016 1018-1027 1035-1036 1039-1040 1044 1047
     1049-1050 1054-1055 1059-1062 1064-1067 1079 1081-1082 1085-1092 1094 1097-1099 1113 1115 1117-1118 1120-1126
     1132-1133 1135 1142 1147-1157 1159-1160 1196 5000-5002 5005-5007 5010 5012-5016 5030-5031 5034-5036 5040-5044
     5046-5047 5049-5050 5052-5053 5055-5056 5058-5062 5066-5067 5069 5071 5076-5077 5079 5081 5086-5090 5092
     5096-5101 5103-5106 5109 5116-5118 5120-5124`,
  ],
  [type.int64, '270-271 5008-5009 5112-5113'],
  [type.char, '1029'],
  [type.int16, '1030 1033'],
]

/** The type of each known tag; `string` stands for all three of texts, 0 for unknown. */
const types = new Uint8Array(5200)
for (const [of, ranges] of known)
  for (const range of ranges.split(/\s+/)) {
    const [first = 0, last = first] = range.split('-').map(Number)
    types.fill(of, first, last + 1)
  }

/** Whether a tag of the main header may have that type. */
export function mayBe(tag: number, found: number): boolean {
  const expected = types[tag] ?? 0
  return expected === 0 || expected === found || (expected === type.string && isText(found))
}
