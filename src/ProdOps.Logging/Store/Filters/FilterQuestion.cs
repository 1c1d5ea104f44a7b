using ProdOps.Logging.Matching;
using ProdOps.Logging.Matching.Literals;

namespace ProdOps.Logging.Store.Filters;

/// <summary>What a search needs a frame to hold, ready to be asked of one filter after the other.</summary>
internal sealed class FilterQuestion
{
    private readonly Alternative[][] _groups;

    private FilterQuestion(Alternative[][] groups) => _groups = groups;

    /// <summary>The question that a search's literals make, or <see langword="null"/> if every frame may hold them.</summary>
    public static FilterQuestion? Of(RequiredLiterals required)
    {
        var groups = new List<Alternative[]>();
        foreach (var group in required.Groups)
        {
            Alternative[] alternatives = [.. group.Select(Ask)];
            if (alternatives.Length > 0 && alternatives.All(alternative => alternative.SaysSomething)) groups.Add(alternatives);
        }

        return groups.Count == 0 ? null : new FilterQuestion([.. groups]);
    }

    /// <summary>Whether the frame may hold what is asked for.</summary>
    /// <param name="filter">Its filter.</param>
    /// <param name="foldedLetters">Whether it holds one of the two characters that are letters of ASCII in another case.</param>
    public bool MayMatch(FilterReader filter, bool foldedLetters)
    {
        foreach (var group in _groups)
        {
            bool any = false;
            foreach (var alternative in group)
            {
                if (any = alternative.IsFoldedLetter ? foldedLetters : alternative.MayMatch(filter)) break;
            }

            if (!any) return false;
        }

        return true;
    }

    private static Alternative Ask(Literal literal)
    {
        if (literal == FoldedLetters.LongS || literal == FoldedLetters.KelvinSign) return new Alternative([], []) { IsFoldedLetter = true };
        byte[] text = new byte[literal.Bytes.Length];
        AsciiCase.ToLower(literal.Bytes.Span, text);
        uint[] hashes = new uint[text.Length + FrameFilter.Padding];
        int count = FrameFilter.FindLiteralMinimizers(text, hashes);
        return new Alternative(FrameFilter.TriplesOf(text), [.. hashes.AsSpan(0, count).ToArray().Distinct()]);
    }

    private readonly record struct Alternative(ushort[] Triples, uint[] Grams)
    {
        public bool IsFoldedLetter { get; init; }

        public bool SaysSomething => IsFoldedLetter || Triples.Length > 0 || Grams.Length > 0;

        public bool MayMatch(FilterReader filter)
        {
            foreach (uint gram in Grams)
            {
                if (!filter.HasGram(gram)) return false;
            }

            return Triples.Length == 0 || FrameFilter.HasTriples(filter.Triples, Triples);
        }
    }
}
