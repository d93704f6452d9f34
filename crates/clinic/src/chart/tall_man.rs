//! Tall Man lettering: mixed-case spelling that tells look-alike drug names apart. Applied to what is shown, never to what is stored.
//!
//! Source: FDA Name Differentiation Project list and ISMP "Look-Alike Drug Names with Recommended Tall Man (Mixed Case) Letters",
//! 2016
//! edition (single-word names; the table holds the spellings of both lists).

/// Each name as it is to be written.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    // FDA-approved list
    "acetaZOLAMIDE", "acetoHEXAMIDE", "buPROPion", "busPIRone", "chlorproMAZINE", "chlorproPAMIDE", "clomiPHENE", "clomiPRAMINE",
    "cycloSERINE", "cycloSPORINE", "DAUNOrubicin", "DOXOrubicin", "dimenhyDRINATE", "diphenhydrAMINE", "DOBUTamine", "DOPamine",
    "glipiZIDE", "glyBURIDE", "hydrALAZINE", "hydrOXYzine", "HYDROmorphone", "medroxyPROGESTERone", "methylPREDNISolone",
    "methylTESTOSTERone", "mitoXANTRONE", "niCARdipine", "NIFEdipine", "predniSONE", "prednisoLONE", "risperiDONE", "rOPINIRole",
    "sulfADIAZINE", "sulfiSOXAZOLE", "TOLAZamide", "TOLBUTamide", "vinBLAStine", "vinCRIStine",
    // ISMP additions
    "ALPRAZolam", "LORazepam", "clonazePAM", "cloNIDine", "cloZAPine", "cloBAZam", "diazePAM", "dilTIAZem", "amLODIPine", "aMILoride",
    "ARIPiprazole", "RABEprazole", "azaCITIDine", "azaTHIOprine", "carBAMazepine", "OXcarbazepine", "CARBOplatin", "CISplatin",
    "ceFAZolin", "cefoTEtan", "cefOXitin", "cefTAZidime", "cefTRIAXone", "chlordiazePOXIDE", "DAPTOmycin", "DACTINomycin",
    "DULoxetine", "FLUoxetine", "PARoxetine", "ePHEDrine", "EPINEPHrine", "epiRUBicin", "eriBULin", "fentaNYL", "SUFentanil",
    "fluvoxaMINE", "guaiFENesin", "guanFACINE", "HYDROcodone", "oxyCODONE", "oxyMORphone", "OxyCONTIN", "hydroCHLOROthiazide",
    "IDArubicin", "inFLIXimab", "riTUXimab", "ISOtretinoin", "LaMICtal", "LamISIL", "lamiVUDine", "lamoTRIgine", "levETIRAcetam",
    "levOCARNitine", "levoFLOXacin", "metFORMIN", "metroNIDAZOLE", "metOLazone", "methIMAzole", "miFEPRIStone", "miSOPROStol",
    "niMODipine", "OLANZapine", "QUEtiapine", "PACLitaxel", "DOCEtaxel", "PAZOPanib", "PONATinib", "PEMEtrexed", "PRALAtrexate",
    "penicillAMINE", "PENTobarbital", "PHENobarbital", "quiNIDine", "quiNINE", "raNITIdine", "riMANTAdine", "rifAXIMin", "rifAMPin",
    "romiDEPsin", "romiPLOStim", "SAXagliptin", "SITagliptin", "SORAfenib", "SUNItinib", "sulfaSALAzine", "SUMAtriptan",
    "ZOLMitriptan", "tiaGABine", "tiZANidine", "traMADol", "traZODone", "valACYclovir", "valGANciclovir",
    "HumaLOG", "HumuLIN", "NovoLOG", "NovoLIN", "SEROquel", "SINEquan", "ZyPREXA", "ZyrTEC", "CeleBREX", "CeleXA", "KlonoPIN",
    "PriLOSEC", "PROzac", "RisperDAL", "TEGretol", "TRENtal",
];

/// Rewrites the drug names within a text that the table knows; everything else stays as written.
#[must_use]
pub fn tall_man(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if c.is_alphabetic() {
            word.push(c);
        } else {
            shown.push_str(&spelled(&word));
            word.clear();
            shown.push(c);
        }
    }
    shown.push_str(&spelled(&word));
    shown
}

fn spelled(word: &str) -> String {
    NAMES.iter().find(|name| name.eq_ignore_ascii_case(word)).map_or_else(|| word.to_owned(), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alike_names_stand_apart_wherever_they_occur() {
        assert_eq!(tall_man("hydralazine 25 MG Oral Tablet"), "hydrALAZINE 25 MG Oral Tablet");
        assert_eq!(tall_man("Hydroxyzine"), "hydrOXYzine");
        assert_eq!(tall_man("Acetaminophen 300 MG / HYDROCODONE 5 MG"), "Acetaminophen 300 MG / HYDROcodone 5 MG");
        assert_eq!(tall_man("Amlodipine"), "amLODIPine");
    }

    #[test]
    fn other_words_stay_as_written() {
        assert_eq!(tall_man("Simvastatin 10 MG"), "Simvastatin 10 MG");
        assert_eq!(tall_man(""), "");
        assert_eq!(tall_man("prednisoneX"), "prednisoneX");
    }

    #[test]
    fn each_name_is_in_the_table_once() {
        let mut folded: Vec<_> = NAMES.iter().map(|name| name.to_ascii_lowercase()).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), NAMES.len());
    }
}
