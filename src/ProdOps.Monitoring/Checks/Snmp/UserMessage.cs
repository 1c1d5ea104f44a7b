using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>Messages of version 3 with the user-based security model (RFC 3412, section 6; RFC 3414, section 2.4).</summary>
internal sealed record UserMessage
{
    private const int Version3 = 3, UserBased = 3, Largest = 65507;
    private const byte Authenticated = 1, Encrypted = 2, Reportable = 4;

    public int MessageId { get; init; }

    public required SnmpEngine Engine { get; init; }

    public required SnmpPdu Pdu { get; init; }

    /// <summary>Whether its digest was right.</summary>
    public bool IsAuthentic { get; init; }

    /// <summary>A request.</summary>
    /// <param name="id">The message's number and the request's.</param>
    /// <param name="engine">The engine that is asked.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="keys">The user's keys; <see langword="null"/> to ask without.</param>
    /// <param name="objectId">What for; empty to be told the engine's id.</param>
    public static byte[] Get(int id, SnmpEngine engine, string user, UserKeys? keys, string objectId)
    {
        byte[] salt = keys is { Encrypts: true } ? RandomNumberGenerator.GetBytes(8) : [];
        byte[] scoped = Scoped(engine, id, objectId);
        byte[] security = Security(engine, user, keys, salt);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Version3);
            using (writer.PushSequence())
            {
                writer.WriteInteger(id);
                writer.WriteInteger(Largest);
                writer.WriteOctetString([(byte)(Reportable | (keys is null ? 0 : Authenticated) | (salt.Length > 0 ? Encrypted : 0))]);
                writer.WriteInteger(UserBased);
            }

            writer.WriteOctetString(security);
            if (salt.Length > 0) writer.WriteOctetString(keys!.Encrypt(scoped, engine.Boots, engine.Time, salt));
            else writer.WriteEncodedValue(scoped);
        }

        byte[] message = writer.Encode();
        if (keys is null) return message;
        // The digest stands before the salt, whose field has two bytes more than it is long.
        int place = message.AsSpan().IndexOf(security) + security.Length - (salt.Length + 2) - keys.DigestLength;
        keys.Digest(message).CopyTo(message, place);
        return message;
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="message">What came.</param>
    /// <param name="keys">The user's keys; <see langword="null"/> to read only what is open.</param>
    /// <exception cref="ProdOpsException">It is none.</exception>
    public static UserMessage Read(ReadOnlyMemory<byte> message, UserKeys? keys)
    {
        try
        {
            var reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            if (!reader.TryReadInt32(out int version) || version != Version3) throw MonitoringErrors.SnmpNotUnderstood("it is of another version");
            var header = reader.ReadSequence();
            if (!header.TryReadInt32(out int id)) throw new AsnContentException("its number is out of range");
            header.ReadInteger();
            byte[] flags = header.ReadOctetString();
            if (flags.Length != 1 || !header.TryReadInt32(out int model) || model != UserBased) throw new AsnContentException("it has another security model");
            if (!reader.TryReadPrimitiveOctetString(out var parameters)) throw new AsnContentException("its security parameters are in parts");
            var security = new AsnReader(parameters, AsnEncodingRules.BER).ReadSequence();
            byte[] engineId = security.ReadOctetString();
            if (!security.TryReadInt32(out int boots) || !security.TryReadInt32(out int time)) throw new AsnContentException("its time is out of range");
            security.ReadOctetString();
            if (!security.TryReadPrimitiveOctetString(out var digest)) throw new AsnContentException("its digest is in parts");
            byte[] salt = security.ReadOctetString();
            bool isAuthentic = keys is not null && (flags[0] & Authenticated) != 0 && IsRight(message, digest, keys);
            var scoped = (flags[0] & Encrypted) == 0 ? reader : new AsnReader((keys ?? throw new AsnContentException("it is encrypted")).Decrypt(reader.ReadOctetString(), boots, time, salt), AsnEncodingRules.BER);
            var inner = scoped.ReadSequence();
            inner.ReadOctetString();
            inner.ReadOctetString();
            return new UserMessage { MessageId = id, Engine = new SnmpEngine(engineId, boots, time), Pdu = SnmpPdu.Read(inner), IsAuthentic = isAuthentic };
        }
        catch (Exception error) when (error is AsnContentException or CryptographicException)
        {
            throw MonitoringErrors.SnmpNotUnderstood(error.Message, error);
        }
    }

    private static byte[] Scoped(SnmpEngine engine, int id, string objectId)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(engine.Id);
            writer.WriteOctetString([]);
            SnmpPdu.WriteGet(writer, id, objectId);
        }

        return writer.Encode();
    }

    private static byte[] Security(SnmpEngine engine, string user, UserKeys? keys, byte[] salt)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteOctetString(engine.Id);
            writer.WriteInteger(engine.Boots);
            writer.WriteInteger(engine.Time);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(user));
            writer.WriteOctetString(new byte[keys?.DigestLength ?? 0]);
            writer.WriteOctetString(salt);
        }

        return writer.Encode();
    }

    private static bool IsRight(ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> digest, UserKeys keys)
    {
        if (digest.Length != keys.DigestLength || !message.Span.Overlaps(digest.Span, out int offset)) return false;
        byte[] cleared = message.ToArray();
        // Overlaps tells where the second begins as seen from the first.
        cleared.AsSpan(offset, digest.Length).Clear();
        return CryptographicOperations.FixedTimeEquals(keys.Digest(cleared), digest.Span);
    }
}

/// <summary>An SNMP engine and its clock: how often it has started, and seconds since (RFC 3414, section 2.2).</summary>
/// <param name="Id">Its id; empty for one that is not known yet.</param>
/// <param name="Boots">How often it has started.</param>
/// <param name="Time">Seconds since it last did.</param>
internal sealed record SnmpEngine(byte[] Id, int Boots, int Time)
{
    public static SnmpEngine Unknown { get; } = new([], 0, 0);
}
