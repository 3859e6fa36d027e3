-- SPDX-License-Identifier: GPL-2.0
--
-- Wireshark: MIKEY with RFC 6043's payloads and dmikey's (Documentation/protocol.md).
--
--	tshark -X lua_script:dmikey.lua -r capture -Y dmikey
--	or copied into the folder "Personal Lua Plugins" of Help, About, Folders
--
-- Wireshark has a dissector of its own, "mikey", for RFC 3830. It does not skip a
-- GENERIC-ID map and stops at SHA-256, at RANDR and at other things that are RFC
-- 6043's. So messages with such a map, or with PRF-HMAC-SHA-256, are taken apart
-- here, and all others are left to it.
--
-- Nothing is verified or decrypted: dmikeyctl decode does that. A message that is
-- malformed gets an expert info at the place.

local proto = Proto("dmikey", "Multimedia Internet KEYing (RFC 6043, dmikey)")
local udp_port = 2269
local unpack = table.unpack or unpack		-- Lua 5.1 has it elsewhere

-- ---- names of values

local names = {
	payload = { [0] = "Last payload", "KEMAC", "PKE", "DH", "SIGN", "T", "ID", "CERT",
		    "CHASH", "V", "SP", "RAND", "ERR", "TR", "IDR", "RANDR",
		    [20] = "Key data", [21] = "General Ext." },
	data_type = { [0] = "Pre-shared", "PSK ver msg", "Public key", "PK ver msg", "D-H init",
		      "D-H resp", "Error", "DHHMAC init", "DHHMAC resp", "RSA-R I_MSG",
		      "RSA-R R_MSG" },
	prf = { [0] = "MIKEY-1", "PRF-HMAC-SHA-256" },
	map = { [0] = "SRTP-ID", "Empty map", "GENERIC-ID" },
	prot = { [0] = "SRTP", [241] = "ESP" },
	encr = { [0] = "NULL", "AES-CM-128", "AES-KW-128", "AES-CM-256", [241] = "AES-CCM-128" },
	mac = { [0] = "NULL", "HMAC-SHA-1-160", "HMAC-SHA-256-256" },
	cache = { [0] = "No cache", "Cache", "Cache for CSB" },
	dh = { [0] = "OAKLEY 5", "OAKLEY 1", "OAKLEY 2" },
	kv = { [0] = "Null", "SPI", "Interval" },
	s_type = { [0] = "RSA/PKCS#1/1.5", "RSA/PSS" },
	ts = { [0] = "NTP-UTC", "NTP", "COUNTER" },
	id = { [0] = "NAI", "URI", "Byte string" },
	id_role = { "Initiator", "Responder", "KMS", "Pre-Shared key", "Application",
		    [241] = "third party" },
	rand_role = { "Initiator", "Responder", "KMS" },
	cert = { [0] = "X.509v3", "X.509v3 URL", "X.509v3 Sign", "X.509v3 Encr",
		 [241] = "SHA-256 of an X.509v3" },
	hash = { [0] = "SHA-1", "MD5", "SHA-256" },
	err = { [0] = "Auth failure", "Invalid TS", "Invalid PRF", "Invalid MAC", "Invalid EA",
		"Invalid HA", "Invalid DH", "Invalid ID", "Invalid Cert", "Invalid SP",
		"Invalid SPpar", "Invalid DT", "Unspecified error", [241] = "cookie required",
		[242] = "unknown envelope key", [243] = "not authorized",
		[244] = "unknown responder" },
	key = { [0] = "TGK", "TGK+SALT", "TEK", "TEK+SALT", [15] = "TGK-SHARE" },
	ext = { [0] = "Vendor ID", "SDP IDs", "TESLA I-Key", "Key ID", "CSB_ID",
		[241] = "SHARE", [242] = "PART", [243] = "COOKIE", [244] = "ENVID",
		[245] = "RELAY" },
	scheme = { "Reed-Solomon", "Shamir" },
	verdict = { [0] = "right", "wrong" },
	srtp = { [0] = "Encryption algorithm", "Session Encr. key length",
		 "Authentication algorithm", "Session Auth. key length", "Session Salt key length",
		 "SRTP Pseudo Random Function", "Key derivation rate", "SRTP encryption off/on",
		 "SRTCP encryption off/on", "sender's FEC order", "SRTP authentication off/on",
		 "Authentication tag length", "SRTP prefix length" },
	esp = { [0] = "cipher", "key length in bits", "integrity algorithm", "mode", "ESN",
		"lifetime in seconds", "lifetime in packets", "anti-replay window" },
	session = { [0] = "I's IPv4 address", "I's IPv6 address", "I's UDP port for R_I",
		    "upper-layer protocol", "R's port in the selector",
		    "I's port in the selector", "I's port of UDP encapsulation" },
}

-- ---- fields

local f = {}

local function number(name, text, bytes, values, mask)
	local kind = ({ ProtoField.uint8, ProtoField.uint16, nil, ProtoField.uint32 })[bytes]

	f[name] = kind("dmikey." .. name, text, base.DEC, values, mask)
end

local function hex(name, text)
	f[name] = ProtoField.uint32("dmikey." .. name, text, base.HEX)
end

local function octets(name, text)
	f[name] = ProtoField.bytes("dmikey." .. name, text)
end

local function text(name, label)
	f[name] = ProtoField.string("dmikey." .. name, label)
end

f.part = ProtoField.none("dmikey.part", "part")
number("version", "version", 1)
number("data_type", "data type", 1, names.data_type)
number("next", "Next payload", 1, names.payload)
number("v", "V", 1, nil, 0x80)
number("prf", "PRF func", 1, names.prf, 0x7f)
hex("csb_id", "CSB ID")
number("n_cs", "#CS", 1)
number("map_type", "CS ID map type", 1, names.map)
number("srtp_policy", "Policy_no", 1)
hex("ssrc", "SSRC")
number("roc", "ROC", 4)
number("cs_id", "CS ID", 1)
number("prot", "Prot type", 1, names.prot)
number("s", "S", 1, nil, 0x80)
number("n_policies", "#P", 1, nil, 0x7f)
octets("policies", "Policies")
number("session_data_len", "Session Data Length", 2)
octets("session_data", "Session Data")
number("spi_len", "SPI Length", 1)
octets("spi", "SPI")
number("tlv_type", "type", 1)
number("tlv_len", "length", 1)
octets("tlv_value", "value")
number("encr_alg", "Encr alg", 1, names.encr)
number("encr_data_len", "Encr data len", 2)
octets("encr_data", "Encr data")
number("mac_alg", "MAC alg", 1, names.mac)
octets("mac", "MAC")
number("cache", "C", 2, names.cache, 0xc000)
number("pke_len", "Data len", 2, nil, 0x3fff)
octets("pke", "Data")
number("dh_group", "DH-Group", 1, names.dh)
octets("dh_value", "DH-value")
number("kv_reserved", "Reserv", 1, nil, 0xf0)
number("kv", "KV", 1, names.kv, 0x0f)
number("kv_len", "length", 1)
octets("kv_data", "KV data")
number("s_type", "S type", 2, names.s_type, 0xf000)
number("sign_len", "Signature len", 2, nil, 0x0fff)
octets("sign", "Signature")
number("ts_type", "TS type", 1, names.ts)
octets("ts", "TS value")
number("id_role", "ID Role", 1, names.id_role)
number("id_type", "ID type", 1, names.id)
number("id_len", "ID len", 2)
text("id", "ID Data")
number("cert_type", "Cert type", 1, names.cert)
number("cert_len", "Cert len", 2)
octets("cert", "Certificate")
number("hash_func", "Hash func", 1, names.hash)
octets("hash", "Hash")
number("auth_alg", "Auth alg", 1, names.mac)
octets("ver_data", "Ver data")
number("policy_no", "Policy no", 1)
number("param_len", "Policy param length", 2)
number("rand_role", "RAND Role", 1, names.rand_role)
number("rand_len", "RAND len", 1)
octets("rand", "RAND")
number("error", "Error no", 1, names.err)
number("reserved", "Reserved", 2)
number("key_type", "Type", 1, names.key, 0xf0)
number("key_len", "Key data len", 2)
octets("key", "Key data")
number("salt_len", "Salt len", 2)
octets("salt", "Salt data")
number("ext_type", "Type", 1, names.ext)
number("ext_len", "Length", 2)
octets("ext", "Data")
number("share_version", "version", 1)
number("scheme", "scheme", 1, names.scheme)
number("n", "n", 1)
number("k", "k", 1)
number("x", "x", 1)
number("share_flags", "flags", 1)
number("tgk_len", "TGK len", 2)
octets("t_i", "T_I")
octets("commitment", "commitment")
octets("tp_hash", "third party's hash")
number("verdict", "verdict", 1, names.verdict)
octets("cookie", "cookie")
octets("envid", "ENVID")

proto.fields = f

local e = {
	truncated = ProtoExpert.new("dmikey.truncated", "the message ends inside this field",
				    expert.group.MALFORMED, expert.severity.ERROR),
	trailing = ProtoExpert.new("dmikey.trailing", "something follows the last payload",
				   expert.group.MALFORMED, expert.severity.ERROR),
	payload = ProtoExpert.new("dmikey.unknown_payload",
				  "the length of such a payload is not known",
				  expert.group.UNDECODED, expert.severity.ERROR),
	length = ProtoExpert.new("dmikey.unknown_length",
				 "the length depends on a value that is not known",
				 expert.group.UNDECODED, expert.severity.ERROR),
	wrong = ProtoExpert.new("dmikey.wrong_share", "this third party lied",
				expert.group.SECURITY, expert.severity.WARN),
}

proto.experts = e

-- ---- the walk: w.at is the next byte of w.tvb, w.stop where the part ends

local DEPTH_MAX = 2		-- messages in RELAY, KEMAC in KEMAC

-- false, for those who cannot go on
local function flaw(w, kind, field)
	w.tree:add_proto_expert_info(e[kind], field and "at byte " .. w.at .. ": " .. field or nil)
	return false
end

local function has(w, n)
	return n <= w.stop - w.at
end

-- a field of n bytes; nil if they are not there
local function take(w, name, n)
	if not has(w, n) then
		flaw(w, "truncated", name)
		return nil
	end
	local range = n > 0 and w.tvb(w.at, n) or nil

	if range then
		w.tree:add(f[name], range)
	end
	w.at = w.at + n
	return range or false
end

-- a number of n bytes; with bits, those of them that are its own, and with stay
-- the next field is in the same bytes
local function value(w, name, n, first, bits, stay)
	local range = take(w, name, n)

	if range == nil then
		return nil
	end
	if stay then
		w.at = w.at - n
	end
	if bits then
		return range:bitfield(first, bits)
	end
	return range:uint()
end

-- several numbers: { name, bytes, first bit, bits, stay }; nil if one is not there
local function values(w, list)
	local v = {}

	for _, field in ipairs(list) do
		v[field[1]] = value(w, unpack(field))
		if not v[field[1]] then
			return nil
		end
	end
	return v
end

local function bytes(w, name, n)
	return take(w, name, n) ~= nil
end

-- inside the next n bytes, as a part of the tree
local function part(w, label, n, inside)
	local tree, stop = w.tree, w.stop
	local from = w.at

	if n and not has(w, n) then
		return flaw(w, "truncated", label)
	end
	w.tree = tree:add(f.part, w.tvb(from, has(w, 1) and 1 or 0))
	w.tree:set_text(label)
	w.stop = n and from + n or stop
	local good = inside(w)

	w.tree:set_len(w.at - from)
	w.tree, w.stop = tree, stop
	return good
end

-- ---- type, length, value

local function tlv(kinds)
	return function(w)
		local kind = kinds and kinds[w.tvb(w.at, 1):uint()] or "unknown parameter"

		return part(w, kind, nil, function()
			local v = values(w, { { "tlv_type", 1 }, { "tlv_len", 1 } })

			return v and bytes(w, "tlv_value", v.tlv_len)
		end)
	end
end

local function repeated(one)
	return function(w)
		while w.at < w.stop do
			if not one(w) then
				return false
			end
		end
		return true
	end
end

-- ---- HDR: RFC 3830 6.1, RFC 4563, RFC 6043 6.1.1

local function cs_srtp(w)
	return values(w, { { "srtp_policy", 1 }, { "ssrc", 4 }, { "roc", 4 } }) ~= nil
end

local function cs_generic(w)
	local v = values(w, { { "cs_id", 1 }, { "prot", 1 }, { "s", 1, 0, 1, true },
			      { "n_policies", 1, 1, 7 } })

	if not v or not bytes(w, "policies", v.n_policies) then
		return false
	end
	local len = value(w, "session_data_len", 2)

	if not len then
		return false
	end
	if v.prot == 241 and len > 0 then
		if not part(w, "Session Data", len, repeated(tlv(names.session))) then
			return false
		end
	elseif not bytes(w, "session_data", len) then
		return false
	end
	len = value(w, "spi_len", 1)
	return len and bytes(w, "spi", len)
end

local cs = { [0] = cs_srtp, [2] = cs_generic }

local function header(w)
	local v = values(w, { { "version", 1 }, { "data_type", 1 }, { "next", 1 },
			      { "v", 1, 0, 1, true }, { "prf", 1, 1, 7 }, { "csb_id", 4 },
			      { "n_cs", 1 }, { "map_type", 1 } })

	if not v then
		return false
	end
	w.data_type, w.next = v.data_type, v.next
	if v.map_type == 1 then
		return true
	end
	if not cs[v.map_type] then
		return flaw(w, "length", "CS ID map info")
	end
	for _ = 1, v.n_cs do
		if not part(w, "CS", nil, cs[v.map_type]) then
			return false
		end
	end
	return true
end

-- ---- payloads

local chain, message, payload

local mac_len = { [0] = 0, 20, 32 }
local hash_len = { [0] = 20, 16, 32 }
local dh_len = { [0] = 192, 96, 128 }
local ts_len = { [0] = 8, 8, 4, 4 }

-- octets whose length a value says
local function by(w, lens, v, name)
	if not lens[v] then
		return flaw(w, "length", name)
	end
	return bytes(w, name, lens[v])
end

-- sub-payloads of KEMAC that is not encrypted; those of an envelope begin with ID
local function keys(w)
	if w.stop == w.at then
		return true
	end
	return chain(w, (w.data_type == 2 or w.data_type == 10) and 6 or 20)
end

local function kemac(w)
	local v = values(w, { { "next", 1 }, { "encr_alg", 1 }, { "encr_data_len", 2 } })
	local good

	if not v then
		return false
	end
	w.next = v.next
	if v.encr_alg == 0 and w.depth < DEPTH_MAX then
		w.depth = w.depth + 1
		good = part(w, "Encr data, in clear", v.encr_data_len, keys)
		w.depth = w.depth - 1
		w.next = v.next
	else
		good = bytes(w, "encr_data", v.encr_data_len)
	end
	local alg = good and value(w, "mac_alg", 1)

	return alg and by(w, mac_len, alg, "mac")
end

local function kv_data(w, kv)
	if kv > 2 then
		return flaw(w, "length", "KV data")
	end
	for _ = 1, kv do		-- SPI; Valid From and Valid To
		local len = value(w, "kv_len", 1)

		if not len or not bytes(w, "kv_data", len) then
			return false
		end
	end
	return true
end

local function dh(w)
	local v = values(w, { { "next", 1 }, { "dh_group", 1 } })

	if not v or not by(w, dh_len, v.dh_group, "dh_value") then
		return false
	end
	w.next = v.next
	v = values(w, { { "kv_reserved", 1, 0, 4, true }, { "kv", 1, 4, 4 } })
	return v and kv_data(w, v.kv)
end

local function key_data(w)
	local v = values(w, { { "next", 1 }, { "key_type", 1, 0, 4, true }, { "kv", 1, 4, 4 },
			      { "key_len", 2 } })

	if not v or not bytes(w, "key", v.key_len) then
		return false
	end
	w.next = v.next
	if v.key_type == 1 or v.key_type == 3 then
		local len = value(w, "salt_len", 2)

		if not len or not bytes(w, "salt", len) then
			return false
		end
	end
	return kv_data(w, v.kv)
end

-- fixed numbers, and octets whose length is one of them
local function simple(list, len, data)
	return function(w)
		local v = values(w, list)

		if not v then
			return false
		end
		w.next = v.next or 0
		return not data or bytes(w, data, v[len])
	end
end

-- the same, where a table says how long
local function coded(list, lens, code, data)
	return function(w)
		local v = values(w, list)

		if not v then
			return false
		end
		w.next = v.next
		return by(w, lens, v[code], data)
	end
end

local params = { [0] = names.srtp, [241] = names.esp }

local function sp(w)
	local v = values(w, { { "next", 1 }, { "policy_no", 1 }, { "prot", 1 },
			      { "param_len", 2 } })

	if not v then
		return false
	end
	w.next = v.next
	return v.param_len == 0 or
	       part(w, "Policy param", v.param_len, repeated(tlv(params[v.prot])))
end

-- ---- General Extensions: protocol.md 6.2, 6.3, 7.3, 7.4

local function share(w)
	return values(w, { { "share_version", 1 }, { "scheme", 1 }, { "n", 1 }, { "k", 1 },
			   { "x", 1 }, { "share_flags", 1 }, { "tgk_len", 2 },
			   { "ts_type", 1 } }) ~= nil and
	       bytes(w, "t_i", 8) and bytes(w, "commitment", w.stop - w.at)
end

local function verdict(w)
	return part(w, "PART", nil, function()
		if not bytes(w, "tp_hash", 8) then
			return false
		end
		local v = values(w, { { "x", 1 }, { "verdict", 1 } })

		if v and v.verdict ~= 0 then
			w.tree:add_proto_expert_info(e.wrong)
		end
		return v ~= nil
	end)
end

local function whole(name)
	return function(w)
		return bytes(w, name, w.stop - w.at)
	end
end

local function relay(w)
	local next, data_type = w.next, w.data_type

	if w.depth == DEPTH_MAX then
		return bytes(w, "ext", w.stop - w.at)
	end
	w.depth = w.depth + 1
	local good = message(w)

	w.depth = w.depth - 1
	w.next, w.data_type = next, data_type
	return good
end

local exts = { [241] = share, [242] = repeated(verdict), [243] = whole("cookie"),
	       [244] = whole("envid"), [245] = relay }

local function ext(w)
	local v = values(w, { { "next", 1 }, { "ext_type", 1 }, { "ext_len", 2 } })

	if not v then
		return false
	end
	w.next = v.next
	local good = part(w, names.ext[v.ext_type] or "unknown", v.ext_len,
			  exts[v.ext_type] or whole("ext"))

	w.next = v.next
	return good
end

local next_ = { "next", 1 }
local identity = { { "id_type", 1 }, { "id_len", 2 } }

payload = {
	[1] = kemac,
	[2] = simple({ next_, { "cache", 2, 0, 2, true }, { "pke_len", 2, 2, 14 } }, "pke_len",
		     "pke"),
	[3] = dh,
	[4] = simple({ { "s_type", 2, 0, 4, true }, { "sign_len", 2, 4, 12 } }, "sign_len",
		     "sign"),
	[5] = coded({ next_, { "ts_type", 1 } }, ts_len, "ts_type", "ts"),
	[6] = simple({ next_, identity[1], identity[2] }, "id_len", "id"),
	[7] = simple({ next_, { "cert_type", 1 }, { "cert_len", 2 } }, "cert_len", "cert"),
	[8] = coded({ next_, { "hash_func", 1 } }, hash_len, "hash_func", "hash"),
	[9] = coded({ next_, { "auth_alg", 1 } }, mac_len, "auth_alg", "ver_data"),
	[10] = sp,
	[11] = simple({ next_, { "rand_len", 1 } }, "rand_len", "rand"),
	[12] = simple({ next_, { "error", 1 }, { "reserved", 2 } }),
	[14] = simple({ next_, { "id_role", 1 }, identity[1], identity[2] }, "id_len", "id"),
	[15] = simple({ next_, { "rand_role", 1 }, { "rand_len", 1 } }, "rand_len", "rand"),
	[20] = key_data,
	[21] = ext,
}

chain = function(w, first)
	w.next = first
	while w.next ~= 0 do
		local type = w.next

		if not payload[type] then
			return flaw(w, "payload", "payload " .. type)
		end
		if not part(w, names.payload[type], nil, payload[type]) then
			return false
		end
		if type == 4 then	-- SIGN is always the last one
			w.next = 0
		end
	end
	return w.at == w.stop or flaw(w, "trailing", "what follows")
end

message = function(w)
	return part(w, "HDR", nil, header) and chain(w, w.next)
end

-- ---- in the packet

local builtin = Dissector.get("mikey")

-- what Wireshark's own dissector cannot follow
local function is_ours(tvb)
	return tvb:len() < 10 or tvb(3, 1):bitfield(1, 7) ~= 0 or tvb(9, 1):uint() ~= 0
end

function proto.dissector(tvb, pinfo, tree)
	if builtin and not is_ours(tvb) then
		-- what is malformed there, it has said itself
		pcall(builtin.call, builtin, tvb, pinfo, tree)
		return tvb:len()
	end
	local top = tree:add(proto, tvb())
	local w = { tvb = tvb, at = 0, stop = tvb:len(), tree = top, depth = 0 }

	pinfo.cols.protocol = "dmikey"
	message(w)
	local name = w.data_type and (names.data_type[w.data_type] or "unknown") or "malformed"

	pinfo.cols.info = name
	top:append_text(", " .. name)
	return tvb:len()
end

DissectorTable.get("udp.port"):add(udp_port, proto)
