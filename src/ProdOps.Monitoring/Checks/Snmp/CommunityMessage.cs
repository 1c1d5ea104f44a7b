using System.Formats.Asn1;

namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>Messages of version 2c (RFC 1901, section 3): a word that both sides know, in the clear, and what is asked.</summary>
internal static class CommunityMessage
{
    private const int Version2C = 1;

    /// <summary>A request.</summary>
    public static byte[] Get(ReadOnlySpan<byte> community, int requestId, string objectId)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(Version2C);
            writer.WriteOctetString(community);
            SnmpPdu.WriteGet(writer, requestId, objectId);
        }

        return writer.Encode();
    }

    /// <summary>Reads an answer.</summary>
    /// <exception cref="ProdOpsException">It is none.</exception>
    public static SnmpPdu Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            var reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            if (!reader.TryReadInt32(out int version) || version != Version2C) throw MonitoringErrors.SnmpNotUnderstood("it is of another version");
            reader.ReadOctetString();
            return SnmpPdu.Read(reader);
        }
        catch (AsnContentException error)
        {
            throw MonitoringErrors.SnmpNotUnderstood(error.Message, error);
        }
    }
}
